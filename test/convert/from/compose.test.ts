import { assert, describe, it } from "@effect/vitest"
import { serviceKeys } from "../../../src/convert/from/composeKeys.ts"
import { fromCompose } from "../../../src/convert/from/fromCompose.ts"
import { declaring, refusing, secret } from "./Declaring.ts"

const compose = (text: string, more: Partial<Parameters<typeof fromCompose>[0]> = {}) =>
  fromCompose({ file: "compose.yaml", text, ...more })
/** A service `web` with these lines. */
const of = (lines: string, rest = "") =>
  declaring(compose(`services:\n  web:\n    image: nginx:1.29\n${indented(lines, 4)}\n${rest}`))
const indented = (lines: string, by: number) =>
  lines
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n")

describe("a Compose file", () => {
  it("becomes one Pod, whose containers find each other by the services' names", () => {
    const { spec, metadata, losses } = declaring(
      compose(`
name: My Shop
services:
  web: { image: "nginx:1.29", restart: always, ports: ["8080:80"], depends_on: [cache] }
  cache: { image: "redis:7", restart: always, container_name: shop-cache, networks: { back: { aliases: [kv] } } }
`)
    )
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ["shop-cache", "web"]
    )
    assert.strictEqual(metadata.name, "my-shop")
    assert.deepEqual(spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["cache", "shop-cache", "kv", "web"] }])
    assert.deepInclude(spec, { hostNetwork: false, restartPolicy: "Always" })
    assert.deepEqual(losses, {})
  })

  it("what another waits for comes before the containers, in order", () => {
    const { spec, losses } = declaring(
      compose(`
services:
  web:
    image: shop:1
    restart: always
    depends_on:
      migrate: { condition: service_completed_successfully }
      db: { condition: service_healthy, restart: true }
  migrate:
    image: shop:1
    command: migrate --all "to the end"
    depends_on: { db: { condition: service_healthy } }
  db:
    image: postgres:16
    restart: always
    healthcheck: { test: pg_isready, interval: 5s, retries: 4, start_period: 11s }
`)
    )
    assert.deepEqual(
      spec.initContainers.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [
        ["db", "Always"],
        ["migrate", undefined]
      ]
    )
    assert.deepEqual(spec.initContainers[1]?.args, ["migrate", "--all", "to the end"])
    const [db] = spec.initContainers
    // Three periods in which failures do not count, then four that do.
    assert.deepInclude(db?.startupProbe, {
      periodSeconds: 5,
      failureThreshold: 7,
      exec: { command: ["/bin/sh", "-c", "pg_isready"] }
    })
    assert.deepInclude(db?.livenessProbe, { failureThreshold: 4 })
    assert.property(losses, "services.web.depends_on.db.restart")
    assert.property(losses, "services.db.healthcheck")
  })

  it("services that depend on each other in a circle are refused, at their line", () => {
    const failure = refusing(
      compose("services:\n  a: {image: x, depends_on: [b]}\n  b:\n    image: y\n    depends_on:\n      - a\n")
    )
    assert.match(failure.message, /^compose\.yaml:6: services\.b\.depends_on\[0\]: .*circle/)
  })

  it("variables: defaults are taken and said, what is unknown stays and is named", () => {
    const { container, losses } = of(
      'environment:\n  A: "${TAG:-${OTHER-1}}"\n  B: "$$HOME ${X}"\n  C: "${SET:+yes}${UNSET:?needed}"\nlabels: {a: "${L:-1}"}'
    )
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
    assert.deepEqual(env, { A: "1", B: "$HOME ${X}", C: "${UNSET}" })
    assert.include(losses["services.web.environment.A"], "default of a variable")
    // A secret may have a dollar in it.
    assert.include(losses["services.web.environment.B"], "value of a variable")
    assert.include(of('hostname: "${H:-h}"').losses["services.web.hostname"], "the variable H")
    const given = declaring(
      compose('services: {web: {image: "x:${TAG:-1}", environment: {E: "${E-d}"}}}', {
        variables: new Map([
          ["TAG", "7"],
          ["E", ""]
        ])
      })
    )
    assert.strictEqual(given.container.image, "x:7")
    assert.strictEqual(given.container.env[0]?.value, "")
    assert.deepEqual(given.losses, {})
    assert.include(refusing(compose('services: {web: {image: "x:${TAG}"}}')).message, "services.web.image")
  })

  it("environment: a mapping or a list, files before it, and none without a value", () => {
    const { container, losses, notes } = declaring(
      compose(
        "services:\n  web:\n    image: x\n    env_file: [a.env, {path: gone.env}]\n    environment: [B=2=3, C, D=]\n",
        {
          files: new Map([["a.env", "A='x y'\nexport B=1\n"]])
        }
      )
    )
    assert.deepEqual(
      container.env.map(({ name, value }) => [name, value]),
      [
        ["A", "x y"],
        ["B", "2=3"],
        ["D", ""]
      ]
    )
    assert.deepEqual(Object.keys(notes), ["services.web.env_file[0]"])
    assert.deepEqual(Object.keys(losses).slice(1), ["services.web.env_file[1]", "services.web.environment.C"])
  })

  it("volumes: long and short, named ones by the project, and those that are directories", () => {
    const { spec, container, losses } = declaring(
      compose(`
name: shop
services:
  web:
    image: x
    volumes:
      - data:/data
      - ./conf:/conf
      - /etc/x:/x:ro
      - { type: bind, source: /logs, target: /logs, bind: { propagation: rslave, selinux: z } }
      - { type: volume, source: own, target: /own, volume: { subpath: a/b, nocopy: true } }
      - { type: tmpfs, target: /run, tmpfs: { size: 64m, mode: 0700 } }
    tmpfs: /tmp
volumes:
  data: {}
  own: { driver: local, driver_opts: { type: none, o: bind, device: /srv/own } }
`)
    )
    const sources = Object.fromEntries(spec.volumes.map(({ name, ...source }) => [name, source]))
    assert.strictEqual(sources["shop-data"]?.hostPath?.path, "/var/lib/docker/volumes/shop_data/_data")
    assert.strictEqual(sources["own"]?.hostPath?.path, "/srv/own")
    assert.strictEqual(container.volumeMounts.find(({ name }) => name === "own")?.subPath, "a/b")
    assert.strictEqual(sources["run"]?.emptyDir?.sizeLimit, "64Mi")
    assert.deepEqual(Object.keys(losses), [
      "services.web.volumes[0]",
      "services.web.volumes[3].bind.selinux",
      "services.web.volumes[5].tmpfs.mode",
      "services.web.volumes[1]"
    ])
  })

  it("a volume without a name of its own is the project's: the file's, else its folder's, else not known", () => {
    const text = (more = "") =>
      `${more}services: {db: {image: x, volumes: ["pg:/pg", "out:/out", "own:/own"]}}\nvolumes: {pg: , out: {external: true}, own: {name: mine}}\n`
    const made = (...given: Parameters<typeof compose>) => {
      const { spec, losses } = declaring(compose(...given))
      return {
        directories: spec.volumes.map(({ hostPath }) => /volumes\/(.*)\/_data/.exec(hostPath?.path ?? "")?.[1]),
        reason: losses["services.db.volumes[0]"],
        project: losses["name"],
        others: [losses["services.db.volumes[1]"], losses["services.db.volumes[2]"]].join()
      }
    }
    const said = made(text("name: shop\n"), { folder: "elsewhere" })
    assert.deepEqual(said.directories, ["shop_pg", "out", "mine"])
    assert.notInclude(said.reason, '"name:"')
    const ofFolder = made(text(), { folder: "_My Shop.2" })
    assert.deepEqual(ofFolder.directories, ["myshop2_pg", "out", "mine"])
    assert.include(ofFolder.reason, "/var/lib/docker/volumes/myshop2_pg/_data")
    assert.include(ofFolder.project, "its folder names the project, myshop2")
    assert.isUndefined(said.project)
    assert.notInclude(ofFolder.others, "project")
    for (const unknown of [made(text()), made(text(), { folder: "" })]) {
      assert.include(unknown.reason, "PROJECT_pg")
      assert.include(unknown.reason, '"name:" at the top')
      assert.notInclude(unknown.others, "project")
    }
  })

  it("a volume that is kept elsewhere is not mounted; one in several services is noted once", () => {
    const { spec, losses, notes, notCarried } = declaring(
      compose(`
name: shop
services:
  a: { image: x, volumes: ["nfs:/nfs", "plugin:/plugin", "data:/data:nocopy"] }
  b: { image: x, volumes: ["data:/data", "kept:/kept"] }
volumes:
  nfs: { driver_opts: { type: nfs, o: "addr=10.0.0.9,rw", device: ":/export" } }
  plugin: { driver: rexray }
  data: { driver: local }
  kept: { external: true }
`)
    )
    assert.deepEqual(
      spec.volumes.map(({ name }) => name),
      ["shop-data", "kept"]
    )
    assert.include(losses["services.a.volumes[0]"], "kept elsewhere")
    assert.include(losses["services.a.volumes[1]"], "kept elsewhere")
    assert.deepEqual(Object.keys(notes), ["services.a.volumes[2]", "services.b.volumes[1]"])
    assert.notInclude(notCarried.map(({ path }) => path).join(), "services.b")
  })

  it("who waits for the health check of an image is told that it does not", () => {
    const of = (more: string) =>
      declaring(
        compose(`services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}, b: {image: y${more}}}`)
      ).losses
    for (const more of ["", ", healthcheck: {interval: 5s}", ", healthcheck: {disable: true}"]) {
      assert.include(of(more)["services.b"], "a health check of its image", more)
    }
    assert.notInclude(of(", healthcheck: {test: 'true'}")["services.b"], "of its image")
  })

  it("a health check that is not switched off asks for nothing", () => {
    const { notCarried } = declaring(compose("services: {a: {image: x, healthcheck: {disable: false}}}"))
    assert.deepEqual(notCarried, [])
  })

  it("a variable that has to be set is named without its message", () => {
    const { notCarried } = declaring(compose("services: {a: {image: x, volumes: ['${DATA:?set it: now}/a:/a']}}"))
    assert.deepEqual(
      notCarried.map(({ path, reason }) => `${path} ${reason}`),
      [
        "services.a.volumes[0] The value of the variable DATA is not in the file: write it in its place.",
        "services.a.volumes[0] The variable $DATA is not replaced: write the path that it stands for."
      ]
    )
  })

  it("what one service says and a Pod has for all is listed, unless all say it", () => {
    const two = (a: string, b = "") =>
      declaring(compose(`services: {a: {image: x, restart: always${a}}, db: {image: y, restart: always${b}}}`))
    for (const said of [
      "runtime: runsc",
      "dns: 1.1.1.1",
      "dns_search: a.example",
      "dns_opt: [edns0]",
      "sysctls: {net.core.somaxconn: 5}",
      'extra_hosts: ["x:10.0.0.2"]',
      "stop_grace_period: 1m",
      "hostname: shop",
      "group_add: [44]"
    ]) {
      const [key = ""] = said.split(":")
      const { losses, notCarried } = two(`, ${said}`)
      assert.strictEqual(notCarried.length, 1, said)
      assert.isTrue(notCarried[0]?.path.startsWith(`services.a.${key}`), said)
      assert.include(Object.values(losses), "It holds for all containers of the Pod.", said)
      assert.deepEqual(two(`, ${said}`, `, ${said}`).losses, {}, said)
      assert.deepEqual(declaring(compose(`services: {a: {image: x, restart: always, ${said}}}`)).losses, {}, said)
    }
    assert.deepEqual(two(", stop_grace_period: 10s").losses, {})
    assert.deepEqual(two(', network_mode: "service:db"', ", hostname: shop, dns: 1.1.1.1").losses, {})
  })

  it("where two say something else, the one that is not taken is listed", () => {
    const two = (a: string, b: string) =>
      declaring(compose(`services: {a: {image: x, restart: always, ${a}}, db: {image: y, restart: always, ${b}}}`))
    const sysctls = two("sysctls: {net.core.somaxconn: 5}", "sysctls: {net.core.somaxconn: 6}")
    assert.strictEqual(sysctls.spec.securityContext.sysctls[0]?.value, "5")
    assert.include(
      sysctls.losses["services.db.sysctls.net.core.somaxconn"] ?? JSON.stringify(sysctls.losses),
      "services.a.sysctls"
    )
    const grace = two("stop_grace_period: 5s", "stop_grace_period: 1m")
    assert.strictEqual(grace.spec.terminationGracePeriodSeconds, 60)
    assert.include(grace.losses["services.a.stop_grace_period"], "that of services.db.stop_grace_period")
    assert.include(grace.losses["services.db.stop_grace_period"], "all containers")
    assert.sameMembers(Object.keys(two("hostname: a", "hostname: b").losses), [
      "services.a.hostname",
      "services.db.hostname"
    ])
    const hosts = two('extra_hosts: ["db:10.9.9.9"]', "tty: true")
    assert.include(JSON.stringify(hosts.notCarried), "127.0.0.1 too")
    const apart = two('extra_hosts: ["x:10.0.0.2"]', 'extra_hosts: ["x:10.0.0.3"]')
    assert.strictEqual(apart.notCarried.filter(({ reason }) => reason.includes("another address")).length, 2)
  })

  it("a file that configs name becomes a ConfigMap as it is, one of secrets does not", () => {
    const { text, losses, notes } = declaring(
      compose(
        "services: {web: {image: x, configs: [a], secrets: [b]}}\nconfigs: {a: {file: ./a.conf}}\nsecrets: {b: {file: ./b}}\n",
        {
          files: new Map([
            ["./a.conf", "$HOME: ${X}\n"],
            ["./b", secret]
          ])
        }
      )
    )
    assert.include(text, "    $HOME: ${X}\n")
    assert.notInclude(text, secret)
    assert.deepEqual(Object.keys(notes), ["configs.a"])
    assert.include(losses["secrets.b"], "Secret Manager")
  })

  it("volumes_from, and the namespaces of another service", () => {
    const { spec, losses } = declaring(
      compose(
        'services: {db: {image: y, ports: ["80:80"], volumes: ["/srv/db:/data", /own]}, ' +
          'web: {image: x, volumes_from: ["db:ro"], network_mode: "service:db", ipc: "service:db"}, ' +
          'late: {image: z, volumes_from: ["container:gone"], pid: "service:web"}}'
      )
    )
    assert.deepEqual(
      spec.containers[1]?.volumeMounts.map(({ mountPath, readOnly }) => [mountPath, readOnly]),
      [
        ["/data", true],
        ["/own", true]
      ]
    )
    assert.deepEqual(Object.keys(losses).toSorted(), [
      "services.db.volumes[1]",
      "services.late.pid",
      "services.late.volumes_from[0]"
    ])
  })

  it("ports: short, long, ranges", () => {
    const { container } = of(
      'ports:\n  - "127.0.0.1:8443:443"\n  - {target: 53, published: "5353", protocol: udp, mode: host}\n  - 7000-7001:80-81\n  - 9000'
    )
    assert.deepEqual(
      container.ports.map(({ hostIP, hostPort, containerPort, protocol }) => [
        hostIP,
        hostPort,
        containerPort,
        protocol
      ]),
      [
        ["127.0.0.1", 8443, 443, ""],
        ["", 5353, 53, "UDP"],
        ["", 7000, 80, ""],
        ["", 7001, 81, ""],
        ["", 0, 9000, ""]
      ]
    )
  })

  it("two services that listen on one port cannot be in one Pod as they are, which is said", () => {
    const { losses } = declaring(
      compose('services:\n  a: {image: x, ports: ["8080:80"]}\n  b: {image: y, ports: ["8081:80"]}\n')
    )
    assert.include(losses["services.b.ports[0]"], "already listened on")
  })

  it("limits, by deploy and in the older words", () => {
    const { container, losses } = of(
      "mem_limit: 1g\ncpus: 0.5\ndeploy:\n  resources:\n    limits: {memory: 512M, pids: 5}\n    reservations:\n      cpus: '0.25'\n      devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]\n  replicas: 3\n  placement: {constraints: [x]}"
    )
    assert.deepEqual(container.resources.limits, { cpu: "500m", memory: "512Mi", "nvidia.com/gpu": "2" })
    assert.deepEqual(container.resources.requests, { cpu: "250m" })
    assert.deepEqual(Object.keys(losses), [
      "services.web.deploy.placement",
      "services.web.deploy.resources.limits.pids",
      "services.web.deploy.replicas"
    ])
  })

  it("configs and secrets become documents where their content is there, or Secret Manager's", () => {
    const { spec, workload, text, losses } = declaring(
      compose(
        `
services:
  web:
    image: x
    configs: [{ source: app, target: /etc/app.ini, mode: 0440 }]
    secrets: [token, file, { source: kept, target: other }]
configs:
  app: { content: "[app]\\nx = 1\\n" }
secrets:
  token: { environment: TOKEN }
  file: { file: ./token.txt }
  kept: { external: true, name: prod-kept }
`,
        { variables: new Map([["TOKEN", secret]]) }
      )
    )
    assert.deepEqual(
      spec.containers[0]?.volumeMounts.map(({ mountPath, subPath, readOnly }) => [mountPath, subPath, readOnly]),
      [
        ["/run/secrets/token", "content", true],
        ["/run/secrets/other", "content", true],
        ["/etc/app.ini", "content", true]
      ]
    )
    assert.lengthOf(workload.volumes, 3)
    assert.include(text, "kind: Secret")
    assert.include(text, "secretName: prod-kept")
    assert.property(losses, "secrets.file")
    assert.property(losses, "services.web.secrets[1]")
    assert.notInclude(JSON.stringify(losses), secret)
  })

  it("extends: what the service says itself goes before, lists are joined", () => {
    const { container, losses } = declaring(
      compose(`
services:
  base: { image: x, profiles: [none], environment: { A: 1, B: 2 }, expose: [1], command: [a] }
  web: { extends: { service: base }, profiles: !reset [], environment: { B: 3 }, expose: [2], command: [b, c] }
`)
    )
    assert.strictEqual(container.name, "web")
    assert.deepEqual(
      container.env.map(({ name, value }) => name + value),
      ["A1", "B3"]
    )
    assert.deepEqual(container.args, ["b", "c"])
    assert.lengthOf(container.ports, 2)
    assert.include(losses["services.base"], "profiles")
    assert.property(of("extends: {file: other.yaml, service: x}").losses, "services.web.extends")
  })

  it("anchors, merges and keys of one's own", () => {
    const { container, losses } = declaring(
      compose("x-common: &c {image: x, tty: true}\nservices:\n  web: {<<: *c, x-note: 1, init: false}\n")
    )
    assert.isTrue(container.tty)
    assert.deepEqual(losses, {})
  })

  it("a command is split as Compose does, and an operator of a shell is refused at its line", () => {
    assert.deepEqual(of("command: echo \"a b\" 'c' d#e").container.args, ["echo", "a b", "c", "d#e"])
    const failure = refusing(compose("services:\n  web:\n    image: x\n    command: a && b\n"))
    assert.match(failure.message, /^compose\.yaml:4: services\.web\.command: /)
    assert.include(failure.advice, "/bin/sh")
  })

  it("what is no Compose file is refused, with what to give", () => {
    assert.include(refusing(compose("a: 1")).message, "no services")
    assert.match(
      refusing(compose("services:\n  web:\n    build: .\n")).message,
      /^compose\.yaml:3: services\.web: .*built/
    )
    assert.match(refusing(compose("services:\n  web: [\n")).message, /^compose\.yaml:\d+: /)
    assert.include(refusing(compose("")).message, "nothing in it")
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefghij".replaceAll(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(10)}]\n`)}services: {web: {image: x, command: *j}}`
    assert.property(refusing(compose(bomb)), "detail")
  })

  it("no value is in what is not carried", () => {
    const { notCarried } = of(
      `labels: {a: ${secret}}\nenvironment: {A: "${secret} $X"}\nhealthcheck: {test: "${secret}"}\nannotations: [a=${secret}]\nlogging: {driver: journald, options: {bad: ${secret}}}\nbuild: {args: {A: ${secret}}}`
    )
    assert.notInclude(JSON.stringify(notCarried), secret)
  })
})

/** The keys of a service, each with a value that is not its default. */
const values: Readonly<Record<string, string>> = {
  annotations: "{a: b}",
  attach: "false",
  blkio_config: "{weight: 10}",
  build: ".",
  cap_add: "[NET_ADMIN]",
  cap_drop: "[ALL]",
  cgroup: "host",
  cgroup_parent: "x",
  command: "x",
  configs: "[x]",
  container_name: "x",
  cpu_count: "1",
  cpu_percent: "1",
  cpu_period: "1000",
  cpu_quota: "1000",
  cpu_rt_period: "1",
  cpu_rt_runtime: "1",
  cpu_shares: "512",
  cpus: "1",
  cpuset: '"0"',
  credential_spec: "{file: x}",
  depends_on: "[other]",
  deploy: "{replicas: 2}",
  develop: "{watch: []}",
  device_cgroup_rules: "[x]",
  devices: "[/dev/kvm]",
  dns: "1.1.1.1",
  dns_opt: "[edns0]",
  dns_search: "a.example",
  domainname: "x",
  entrypoint: "x",
  env_file: "x",
  environment: "{A: b}",
  expose: '["80"]',
  extends: "{service: gone}",
  external_links: "[x]",
  extra_hosts: '["db:10.0.0.2"]',
  gpus: "all",
  group_add: "[44]",
  healthcheck: "{test: x}",
  hostname: "x",
  init: "true",
  ipc: "host",
  isolation: "x",
  label_file: "x",
  labels: "{a: b}",
  links: "[other]",
  logging: "{driver: journald}",
  mac_address: "x",
  mem_limit: "1g",
  mem_reservation: "1g",
  mem_swappiness: "1",
  memswap_limit: "-1",
  models: "[x]",
  network_mode: "host",
  networks: "{x: {ipv4_address: 1.1.1.1}}",
  oom_kill_disable: "true",
  oom_score_adj: "1",
  pid: "host",
  pids_limit: "1",
  platform: "x",
  ports: '["80:80"]',
  post_start: "[{command: x}]",
  pre_stop: "[{command: x}]",
  privileged: "true",
  profiles: "[x]",
  provider: "{type: x}",
  pull_policy: "always",
  pull_refresh_after: "1h",
  read_only: "true",
  restart: "always",
  runtime: "runsc",
  scale: "2",
  secrets: "[x]",
  security_opt: "[no-new-privileges]",
  shm_size: "1g",
  stdin_open: "true",
  stop_grace_period: "1m",
  stop_signal: "SIGINT",
  storage_opt: "{a: b}",
  sysctls: "{net.core.somaxconn: 5}",
  tmpfs: "/x",
  tty: "true",
  ulimits: "{nofile: 5}",
  use_api_socket: "true",
  user: '"1"',
  userns_mode: "host",
  uts: "host",
  volumes: "[/x:/x]",
  volumes_from: "[x]",
  working_dir: "/x"
}

describe("each key of a service", () => {
  it("is known", () => {
    assert.deepEqual([...Object.keys(values), "image"].toSorted(), Object.keys(serviceKeys).toSorted())
  })

  const other = "  other: {image: x}\n"
  const text = (line: string) => `services:\n  web:\n    image: nginx:1.29\n${line}${other}`
  const plain = declaring(compose(text(""))).text
  it.each(Object.entries(values))("%s is carried over, or listed", (key, value) => {
    const made = declaring(compose(text(`    ${key}: ${value}\n`)))
    assert.isTrue(made.text !== plain || made.notCarried.length > 0)
  })
})
