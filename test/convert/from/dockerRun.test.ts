import { assert, describe, it } from "@effect/vitest"
import { runFlags } from "../../../src/convert/from/dockerRunFlags.ts"
import { fromDockerRun } from "../../../src/convert/from/fromDockerRun.ts"
import { declaring, refusing, secret } from "./Declaring.ts"

const run = (command: string | ReadonlyArray<string>, envFiles?: ReadonlyMap<string, string>) =>
  fromDockerRun({ file: "run.sh", command, ...(envFiles && { envFiles }) })
const of = (flags: string, after = "nginx:1.29") => declaring(run(`docker run ${flags} ${after}`))

describe("a docker run command", () => {
  it("becomes a Pod on a network of its own, with Docker's meaning of what is not said", () => {
    const { spec, container, losses } = of("-d")
    assert.deepEqual(losses, {})
    assert.deepInclude(spec, { hostNetwork: false, restartPolicy: "Never" })
    assert.deepInclude(container, { name: "nginx", image: "nginx:1.29", imagePullPolicy: "IfNotPresent" })
    assert.isUndefined(container.command)
  })

  it("is read as a shell reads it: quotes, continued lines, comments, bundles of flags", () => {
    const script = [
      "# the shop",
      "docker run -itd --name=shop \\",
      "  -p8080:80 -e 'A=it''s' -e \"B=x \\\"y\\\" \\$Z\" \\",
      "  -eC=$'tab\\t\\x41' \\",
      "  registry.example/shop:2 serve --name 'two words' # it serves"
    ].join("\n")
    const { container, losses } = declaring(run(script))
    assert.deepEqual(losses, {})
    assert.deepInclude(container, { name: "shop", stdin: true, tty: true, args: ["serve", "--name", "two words"] })
    assert.deepEqual(
      container.env.map(({ name, value }) => [name, value]),
      [
        ["A", "its"],
        ["B", 'x "y" $Z'],
        ["C", "tab\tA"]
      ]
    )
    assert.deepInclude(container.ports[0], { containerPort: 80, hostPort: 8080 })
  })

  it("as arguments: nothing is split again", () => {
    const { container } = declaring(run(["docker", "run", "--env", "A=x y $(B)", "nginx", "echo", "a b"]))
    assert.strictEqual(container.env[0]?.value, "x y $$(B)")
    assert.deepEqual(container.args, ["echo", "a b"])
  })

  it("no variable of the shell is replaced, and each is named", () => {
    const { losses, notCarried, container } = of(
      '-e "P=$HOME/x" -e "Q=${NAME:-d}" -v $PWD/conf:/etc/conf',
      'nginx "$(date)"'
    )
    assert.strictEqual(container.env[0]?.value, "$HOME/x")
    assert.deepInclude(notCarried, {
      path: "--volume $PWD/conf:/etc/conf",
      reason: "$PWD is not replaced: write what it stands for."
    })
    // A secret may have a dollar in it.
    assert.notMatch(JSON.stringify([losses["--env P"], losses["--env Q"]]), /HOME|NAME/)
    assert.property(losses, "word 1 after the image")
    assert.lengthOf(container.volumeMounts, 0)
  })

  it.each([
    ["-p 8080:80", { containerPort: 80, hostPort: 8080 }],
    ["--publish=127.0.0.1:8443:443", { containerPort: 443, hostPort: 8443, hostIP: "127.0.0.1" }],
    ["-p [::1]:53:53/udp", { containerPort: 53, hostPort: 53, hostIP: "::1", protocol: "UDP" }],
    ["-p 0.0.0.0:1:2", { containerPort: 2, hostPort: 1, hostIP: "" }],
    ["--expose 9000", { containerPort: 9000, hostPort: 0 }]
  ])("%s", (flag, port) => {
    const { container, losses } = of(flag)
    assert.deepInclude(container.ports[0], port)
    assert.deepEqual(losses, {})
  })

  it("a range of ports is each of them; a port that the engine would choose is not published", () => {
    assert.deepEqual(
      of("-p 7000-7002:80-82").container.ports.map(({ hostPort, containerPort }) => [hostPort, containerPort]),
      [
        [7000, 80],
        [7001, 81],
        [7002, 82]
      ]
    )
    const { container, losses } = of("-p 80")
    assert.deepInclude(container.ports[0], { containerPort: 80, hostPort: 0 })
    assert.include(losses["--publish 80"], "8080:80")
  })

  it("volumes: binds, Docker's own, tmpfs, and what konlet mounted", () => {
    const { spec, container, losses } = of(
      "-v /etc/conf:/conf:ro -v data:/data --tmpfs /run:size=64m -v /scratch " +
        "--mount type=bind,source=/a,dst=/b,bind-propagation=rslave --mount 'type=image,src=registry.example/x:1,target=/i' " +
        "-v /mnt/disks/gce-containers-mounts/gce-persistent-disks/db:/db"
    )
    const sources = Object.fromEntries(spec.volumes.map(({ name, ...source }) => [name, source]))
    assert.deepEqual(
      container.volumeMounts.map(({ name, mountPath }) => [mountPath, name]),
      [
        ["/conf", "conf"],
        ["/data", "data"],
        ["/scratch", "scratch"],
        ["/db", "db"],
        ["/b", "b"],
        ["/i", "i"],
        ["/run", "run"]
      ]
    )
    assert.deepInclude(sources["conf"]?.hostPath, { path: "/etc/conf" })
    assert.deepInclude(sources["data"]?.hostPath, { path: "/var/lib/docker/volumes/data/_data" })
    assert.deepInclude(sources["run"]?.emptyDir, { medium: "Memory", sizeLimit: "64Mi" })
    assert.deepInclude(sources["scratch"]?.emptyDir, { medium: "" })
    assert.deepInclude(sources["db"]?.gcePersistentDisk, { pdName: "db" })
    assert.strictEqual(sources["i"]?.image?.reference, "registry.example/x:1")
    assert.isTrue(container.volumeMounts[0]?.readOnly)
    assert.strictEqual(container.volumeMounts.find(({ name }) => name === "b")?.mountPropagation, "HostToContainer")
    assert.deepEqual(Object.keys(losses), ["--volume data:/data", "--volume /scratch"])
  })

  it("limits are Docker's numbers: its thousand is 1024", () => {
    const { container, workload, losses } = of(
      "-m 1.5g --memory-reservation 256k --cpus .75 --cpu-shares 512 --shm-size 1G"
    )
    assert.deepEqual(container.resources.limits, { cpu: "750m", memory: "1536Mi" })
    assert.deepEqual(container.resources.requests, { cpu: "500m", memory: "256Ki" })
    assert.strictEqual(workload.volumes.find(({ _tag }) => _tag === "Tmpfs")?.name, "shm")
    assert.deepEqual(losses, {})
    assert.property(of("--memory 1g --memory-swap -1").losses, "--memory-swap")
    assert.deepEqual(of("--memory 1g --memory-swap 1024m").losses, {})
    assert.strictEqual(of("--cpu-quota 50000").container.resources.limits["cpu"], "500m")
  })

  it("a health check becomes a livenessProbe, and the difference is said", () => {
    const { container, losses } = of(
      "--health-cmd 'curl -f localhost' --health-interval 1m30s --health-timeout 500ms --health-retries 5 --health-start-period 20s"
    )
    assert.deepInclude(container.livenessProbe, {
      exec: { command: ["/bin/sh", "-c", "curl -f localhost"] },
      periodSeconds: 90,
      timeoutSeconds: 1,
      failureThreshold: 5,
      initialDelaySeconds: 20
    })
    assert.include(losses["--health-cmd"], "restarts")
    assert.include(losses["--health-cmd"], "during the start period")
    assert.notInclude(of("--health-cmd x").losses["--health-cmd"], "start period")
  })

  it("an entrypoint takes the image's command away", () => {
    assert.deepInclude(of("--entrypoint sh", "nginx -c x").container, { command: ["sh"], args: ["-c", "x"] })
    assert.deepInclude(of('--entrypoint ""', "nginx sh -c x").container, { command: ["sh", "-c", "x"] })
    assert.property(of('--entrypoint ""').losses, "--entrypoint")
  })

  it("rights", () => {
    const { container, spec, losses } = of(
      "-u 1000:root --group-add 44 --cap-drop ALL --cap-add NET_ADMIN --read-only --security-opt no-new-privileges " +
        "--security-opt seccomp=unconfined --security-opt apparmor=web --security-opt label=type:x_t --sysctl net.core.somaxconn=9"
    )
    assert.deepInclude(container.securityContext, {
      runAsUser: 1000,
      runAsGroup: 0,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      seccompProfile: { type: "Unconfined" },
      appArmorProfile: { type: "Localhost", localhostProfile: "web" }
    })
    assert.deepEqual(container.securityContext.capabilities, { add: ["NET_ADMIN"], drop: ["ALL"] })
    assert.deepEqual(spec.securityContext.supplementalGroups, [44])
    assert.deepInclude(spec.securityContext.sysctls[0], { name: "net.core.somaxconn", value: "9" })
    assert.deepEqual(losses, {})
    assert.include(of("--user postgres").losses["--user"], "number")
  })

  it("restart policies, and what is not the same", () => {
    const policy = (flag: string) => of(flag).spec.restartPolicy
    assert.deepEqual(["--restart=always", "--restart no", "--restart on-failure:3"].map(policy), [
      "Always",
      "Never",
      "OnFailure"
    ])
    assert.property(of("--restart on-failure:3").losses, "--restart on-failure:3")
    assert.match(of("--restart unless-stopped").losses["--restart unless-stopped"]!, /within seconds.*slipway down/)
  })

  it("networks: the host's, or the Pod's own", () => {
    const host = of("--net host -p 80:80")
    assert.isTrue(host.spec.hostNetwork)
    assert.deepInclude(host.container.ports[0], { containerPort: 80, hostPort: 0 })
    assert.property(of("--net host -p 8080:80").losses, "--publish 8080:80")
    const named = of(
      "--network back -h web --dns 1.1.1.1 --dns-option ndots:2 --add-host db:10.0.0.2 --add-host h:host-gateway"
    )
    assert.property(named.losses, "--network back")
    assert.property(named.losses, "--add-host h:host-gateway")
    assert.deepInclude(named.spec, { hostname: "web", dnsPolicy: "None" })
    assert.deepEqual(named.spec.hostAliases, [{ ip: "10.0.0.2", hostnames: ["db"] }])
    assert.deepEqual(named.spec.dnsConfig.options, [{ name: "ndots", value: "2" }])
    assert.property(of("--network none").losses, "--network none")
  })

  it("logging that is not said is the engine's own", () => {
    assert.deepInclude(of("").container.logging, { driver: "default" })
  })

  it("logging: konlet's is what is declared if nothing is", () => {
    const lines = (flags: string) => of(flags).container.logging
    assert.isUndefined(lines("--log-opt max-size=500m --log-opt max-file=3"))
    assert.deepEqual(lines("--log-opt max-size=10m"), {
      driver: "json-file",
      options: { "max-size": "10m", "max-file": "1" }
    })
    assert.deepEqual(lines("--log-driver journald --log-opt tag=x"), { driver: "journald", options: { tag: "x" } })
    assert.property(of("--log-driver journald --log-opt nope=1").losses, "--log-driver (nope)")
  })

  it("GPUs: how many, where that is said", () => {
    const gpus = (flag: string) => of(flag).container.resources.limits["nvidia.com/gpu"]
    assert.deepEqual(["--gpus 2", `--gpus '"device=0,3"'`, "--gpus device=1", "--gpus all"].map(gpus), [
      "2",
      "2",
      "1",
      undefined
    ])
    assert.include(of("--gpus all").losses["--gpus all"], "nvidia.com/gpu")
  })

  it("files of variables are read where they are at hand", () => {
    const file = "# c\nA=1\nB = two words \nC\n"
    const read = declaring(run("docker run --env-file app.env -e A=2 nginx", new Map([["app.env", file]])))
    assert.deepEqual(
      read.container.env.map(({ name, value }) => [name, value]),
      [
        ["B", " two words "],
        ["A", "2"]
      ]
    )
    assert.property(read.losses, "--env-file app.env (C)")
    assert.property(of("--env-file app.env").losses, "--env-file app.env")
  })

  it("several commands are the containers of one Pod, and what else a script does is listed", () => {
    const { spec, losses } = declaring(
      run(
        "set -e\ndocker network create back\ndocker run -d --name db postgres:16\ndocker run -d --name web --ulimit nofile=9 nginx > /dev/null 2>&1\n"
      )
    )
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ["db", "web"]
    )
    assert.deepEqual(spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["db", "web"] }])
    assert.includeMembers(Object.keys(losses), ["line 1: set", "line 2: docker", "line 4", "line 4: --ulimit nofile=9"])
    assert.lengthOf(spec.containers[1]?.args ?? [], 0)
  })

  it("what a container has of another in the script is there: names, volumes, network, memory, processes", () => {
    const script = (flags: string, db = "") =>
      declaring(run(`docker run -d --name db${db} postgres:16\ndocker run -d --name web ${flags} nginx`))
    const linked = script("--network back --link db:database", " --network back")
    assert.deepEqual(linked.spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["db", "database", "web"] }])
    assert.notMatch(JSON.stringify(linked.notCarried), /--link/)
    assert.include(script("--link db:database").losses["line 2: --link db:database"], "variables")
    assert.include(script("--link gone").losses["line 2: --link gone"], "together")

    const { spec, notCarried, notes } = script(
      "--volumes-from db:ro -v /own:/both",
      " -v data:/data -v /scratch -v /theirs:/both --tmpfs /t"
    )
    const [db, web] = spec.containers
    const at = (mounts = db!.volumeMounts) =>
      Object.fromEntries(mounts.map(({ mountPath, name, readOnly }) => [mountPath, { name, readOnly }]))
    assert.deepEqual(Object.keys(at(web!.volumeMounts)).toSorted(), ["/both", "/data", "/scratch"])
    for (const path of ["/data", "/scratch"]) {
      assert.strictEqual(at(web!.volumeMounts)[path]?.name, at()[path]?.name)
      assert.isTrue(at(web!.volumeMounts)[path]?.readOnly)
    }
    assert.notStrictEqual(at(web!.volumeMounts)["/both"]?.name, at()["/both"]?.name)
    assert.deepEqual(
      notCarried.map(({ path }) => path),
      ["line 1: --volume /scratch"]
    )
    assert.deepEqual(Object.keys(notes), ["line 1: --volume data:/data"])
    assert.include(script("--volumes-from db").losses["line 2: --volumes-from db"], "image declares")
    assert.include(script("--volumes-from gone").losses["line 2: --volumes-from gone"], "together")

    assert.deepEqual(script("--network container:db --ipc container:db", " -p 80:80 --ipc shareable").losses, {})
    const memory = script("--ipc container:db", " --ipc shareable --shm-size 1g")
    assert.deepEqual(memory.losses, {})
    assert.deepEqual(
      memory.spec.containers.map(({ volumeMounts }) => volumeMounts.map(({ name, mountPath }) => [name, mountPath])),
      [[["shm", "/dev/shm"]], [["shm", "/dev/shm"]]]
    )
    const processes = script("--pid container:db")
    assert.isTrue(processes.spec.shareProcessNamespace)
    assert.include(processes.losses["line 2: --pid"], "process 1")
  })

  it("names on a network, in its long form too, are the container's", () => {
    const { spec, losses } = declaring(
      run(
        "docker run -d --network bridge --network-alias kv --name cache redis\ndocker run -d --network name=bridge,alias=front,ip=10.0.0.9 nginx"
      )
    )
    assert.deepEqual(spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["cache", "kv", "front"] }])
    assert.deepEqual(Object.keys(losses), ["line 2: --network name=bridge,alias=front,ip=10.0.0.9 (ip)"])
    assert.property(of("--network-alias kv").losses, "--network-alias")
  })

  it("what is refused has its line, and says what to write", () => {
    const flag = refusing(run("docker run \\\n  --publsh 80:80 nginx"))
    assert.strictEqual(flag.message, 'run.sh:2: --publsh: docker run has no such flag\n  Did you mean "--publish"?')
    assert.include(flag.advice, "--publish")
    assert.include(refusing(run("docker run -d")).detail, "no image")
    assert.include(refusing(run("podman ps")).detail, "no docker run command")
    assert.include(refusing(run("docker run 'nginx")).detail, "not closed")
    assert.strictEqual(refusing(run("docker run -p x nginx")).path, "--publish x")
    assert.include(refusing(run("docker run nginx:UPPER:x")).message, "image")
    assert.isTrue(declaring(run("sudo docker container run --rm nginx")).container.image === "nginx")
  })

  it("a line that is continued by something else is refused there", () => {
    for (const [end, words] of [
      ["\\ ", "white space is behind"],
      ["\\\t", "white space is behind"],
      ["^", "Windows"],
      ["`", "Windows"]
    ] as const) {
      const { line, message } = refusing(run(`docker run -d \\\n  -p 80:80 ${end}\n  nginx`))
      assert.strictEqual(line, 2, end)
      assert.include(message, words)
    }
    const { container } = declaring(run("docker run nginx \\\r\n  'a^\n' \\\\ b^ `cat\n`"))
    assert.deepEqual(container.args, ["a^\n", "\\", "b^", "`cat\n`"])
  })

  it("what starts docker may have options of its own; other commands are named by line and program", () => {
    const command = "set -e\nsudo -E -u root --host h docker run a\ntime nohup docker run b | tee $LOG\nX=$(secret) y\n"
    const { spec, notCarried } = declaring(run(command))
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ["a", "b"]
    )
    assert.deepEqual(
      notCarried.map(({ path }) => path),
      ["line 1: set", "line 3: tee", "line 4"]
    )
  })

  it("port 0 of the host is one that the engine chooses", () => {
    const { losses, container } = of("-p 127.0.0.1:0:80")
    assert.include(losses["--publish 127.0.0.1:0:80"], "The engine would choose")
    assert.deepInclude(container.ports[0], { containerPort: 80 })
  })

  it("no value is in what is not carried, or in an error", () => {
    const flags = `--health-cmd ${secret} --label a=${secret} -l ${secret} --annotation a=${secret} --storage-opt a=${secret}`
    const more = `--mount type=volume,volume-opt=o=${secret},target=/x --log-opt bad=${secret} --security-opt seccomp=${secret}`
    const { notCarried } = of(
      `${flags.replace(`-l ${secret}`, "")} ${more} -e A=${secret} -e B='$HOME ${secret}'`,
      `nginx '$A ${secret}'`
    )
    assert.notInclude(JSON.stringify(notCarried), secret)
    const failure = refusing(run(`docker run --sysctl ${secret} nginx`))
    assert.notInclude(failure.message + failure.advice, secret)
    const unknown = refusing(run(`docker run --passwrd=${secret} nginx`))
    assert.notInclude(unknown.message + unknown.advice, secret)
  })
})

/** The flags of `docker run` (28), each with a value that is not its default. */
const flags = `
add-host=db:10.0.0.2 annotation=a=b attach=stdout blkio-weight=100 blkio-weight-device=/dev/sda:100 cap-add=NET_ADMIN
cap-drop=ALL cgroup-parent=x cgroupns=host cidfile=x cpu-count=1 cpu-percent=1 cpu-period=1000 cpu-quota=1000 cpu-rt-period=1
cpu-rt-runtime=1 cpu-shares=512 cpus=1 cpuset-cpus=0 cpuset-mems=0 detach-keys=x device=/dev/kvm device-cgroup-rule=x
device-read-bps=x device-read-iops=x device-write-bps=x device-write-iops=x disable-content-trust=false dns=1.1.1.1 dns-option=edns0
dns-search=a.example domainname=x entrypoint=x env=A=b env-file=x expose=80 gpus=1 group-add=44 health-cmd=x
health-interval=5s health-retries=5 health-start-interval=5s health-start-period=5s health-timeout=5s help hostname=x init
interactive io-maxbandwidth=1 io-maxiops=1 ip=1.1.1.1 ip6=::1 ipc=host isolation=x kernel-memory=1g label=a=b label-file=x
link=x link-local-ip=x log-driver=journald log-opt=max-size=1m mac-address=x memory=1g memory-reservation=1g memory-swap=-1
memory-swappiness=1 mount=type=bind,source=/x,target=/x name=x network=host network-alias=x no-healthcheck oom-kill-disable
oom-score-adj=1 pid=host pids-limit=1 platform=linux/arm64 privileged publish=80:80 publish-all pull=always quiet read-only
restart=always rm runtime=runsc security-opt=no-new-privileges shm-size=1g sig-proxy=false stop-signal=SIGINT stop-timeout=5
storage-opt=a=b sysctl=net.core.somaxconn=5 tmpfs=/x tty ulimit=nofile=5 use-api-socket user=1 userns=host uts=host
volume=/x:/x volume-driver=x volumes-from=x workdir=/x`
  .split(/\s+/)
  .filter((flag) => flag !== "")

describe("a switch", () => {
  it.each(["sig-proxy", "disable-content-trust"])("--%s is on unless it is switched off", (name) => {
    assert.property(of(`--${name}=false`).losses, `--${name}`)
    assert.property(of(`--${name}=0`).losses, `--${name}`)
    assert.deepEqual([of(`--${name}`).losses, of(`--${name}=1`).losses], [{}, {}])
  })

  it.each(["init", "oom-kill-disable", "rm", "publish-all", "use-api-socket", "quiet"])("--%s is off", (name) => {
    for (const off of ["false", "0", "F", "False"]) assert.deepEqual(of(`--${name}=${off}`).losses, {})
    assert.property(of(`--${name}`).losses, `--${name}`)
  })

  it.each(["privileged", "read-only", "tty", "interactive"])("--%s=0 asks for nothing", (name) => {
    assert.strictEqual(of(`--${name}=0`).text, of("").text)
    assert.notStrictEqual(of(`--${name}=t`).text, of("").text)
    assert.strictEqual(of("-t=f -i=0").text, of("").text)
  })
})

describe("no search domain", () => {
  it("is carried over, or listed", () => {
    const { text, notCarried } = of("--dns-search .")
    assert.isTrue(text !== of("").text || notCarried.length > 0)
  })
})

describe("the mode of a tmpfs", () => {
  it("is 1777, as for Docker; another is listed", () => {
    for (const same of ["--tmpfs /t:mode=1777", "--mount type=tmpfs,target=/t,tmpfs-mode=1777"])
      assert.deepEqual(of(same).losses, {})
    for (const other of ["--tmpfs /t:mode=777", "--tmpfs /t:mode=0700", "--mount type=tmpfs,target=/t,tmpfs-mode=0777"])
      assert.lengthOf(of(other).notCarried, 1, other)
  })
})

describe("each flag of docker run", () => {
  it("is known", () => {
    const names = flags.map((flag) => flag.split("=")[0] ?? "")
    // It holds anyway.
    assert.deepEqual([...names, "detach"].toSorted(), Object.keys(runFlags).toSorted())
  })

  const plain = of("").text
  it.each(flags)("--%s is carried over, or listed", (flag) => {
    const { text, notCarried } = of(`--${flag}`)
    assert.isTrue(text !== plain || notCarried.length > 0)
  })
})
