import { assert, describe, it } from "@effect/vitest"
import { fromDockerRun } from "../../../src/convert/from/fromDockerRun.ts"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { declaring, refusing } from "./Declaring.ts"

const docker = (command: string) => declaring(fromDockerRun({ file: "run.sh", command }))
const kubernetes = (container: string, spec = "") =>
  declaring(
    fromKubernetes({
      file: "pod.yaml",
      text: `kind: Pod\nspec: {containers: [{name: a, image: x, ${container}}] ${spec}}`
    })
  )

describe("what is listed as not carried over", () => {
  it("is not in the declaration where it would have no effect there", () => {
    const { text, losses, warnings } = docker("docker run --network host -h cosmos-server nginx:1.29")
    assert.deepEqual(Object.keys(losses), ["--hostname"])
    assert.notInclude(text, "hostname")
    assert.deepEqual(warnings, [])
  })

  it.each([
    ["resources: {limits: {ephemeral-storage: 1Gi}, requests: {ephemeral-storage: 1Gi}}", "", "ephemeral", "resources"],
    ["env: [{name: A, valueFrom: {secretKeyRef: {name: hf, key: hf_token}}}]", "", "hf_token", "env:"],
    ["securityContext: {privileged: true, seccompProfile: {type: RuntimeDefault}}", "", "seccompProfile", "Runtime"],
    ["volumeMounts: [{name: c, mountPath: /c}]", ", volumes: [{name: c, csi: {driver: x}}]", "volumeMounts", "volumes"],
    ["lifecycle: {postStart: {exec: {}}}", "", "postStart", "lifecycle"]
  ])("of %s%s nothing is left", (container, spec, word, holder) => {
    const { text, notCarried, warnings } = kubernetes(container, spec)
    assert.isNotEmpty(notCarried)
    assert.notInclude(text, word)
    assert.notInclude(text, holder)
    assert.deepEqual(warnings, [])
  })

  it("an emptyDir stays, without its limit", () => {
    const { spec, losses, warnings } = kubernetes(
      "volumeMounts: [{name: c, mountPath: /c}]",
      ", volumes: [{name: c, emptyDir: {sizeLimit: 1Gi}}]"
    )
    assert.deepEqual(Object.keys(losses), ["spec.volumes[0].emptyDir.sizeLimit"])
    assert.isDefined(spec.volumes[0]?.emptyDir)
    assert.deepEqual(warnings, [])
  })
})

describe("a reason that is about something else as well", () => {
  it.each(["docker run -p 80:80 -p 80:81 nginx:1.29", "docker run -v /a:/c -v /b:/c nginx:1.29"])(
    "names it as it was written: %s",
    (command) => {
      const { notCarried } = docker(command)
      const [, , flag, first] = command.split(" ")
      assert.lengthOf(notCarried, 1)
      assert.include(notCarried[0]?.reason, ` at ${flag === "-p" ? "--publish" : "--volume"} ${first}`)
      assert.notMatch(notCarried[0]?.reason ?? "", /\bline\b/)
    }
  )

  it("names it by its path in objects of Kubernetes", () => {
    const { losses } = kubernetes("ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]")
    const [reason] = Object.values(losses)
    assert.include(reason, "the port at spec.containers[0].ports[0]")
  })
})

describe("what a shell or Compose would have replaced", () => {
  it.each([
    ["./grafana:/etc/grafana", '"./grafana" is relative'],
    ["~/a:/a", '"~" by a home directory'],
    ["$HOME:/home/$USER", "The variable $HOME is not replaced"],
    ["/a:/home/${USER}", "The variable $USER is not replaced"]
  ])("is said of the mount as it is written: %s", (volume, reason) => {
    const { text, notCarried } = docker(`docker run -v '${volume}' nginx:1.29`)
    assert.deepEqual(
      notCarried.map(({ path }) => path),
      [`--volume ${volume}`]
    )
    assert.include(notCarried[0]?.reason, reason)
    assert.notInclude(text, "volume")
  })

  it.each([
    ["docker run nginx:$TAG", "the variable $TAG in it is not replaced"],
    ["docker run 'nginx:${TAG}'", "the variable $TAG in it is not replaced"],
    ["docker run -p $s_port:80 nginx", "the variable $s_port in it is not replaced"]
  ])("is named by its own name: %s", (command, detail) => {
    assert.strictEqual(refusing(fromDockerRun({ file: "run.sh", command })).detail, detail)
  })
})
