import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { inject } from "vitest"
import { unitName, unitText } from "../../src/install/unit.ts"

const isSkipped = inject("bench") === undefined

describe.skipIf(isSkipped)("the systemd unit", () => {
  it("is one that systemd-analyze finds nothing wrong with", () => {
    const directory = mkdtempSync(join(tmpdir(), "slipway unit $100%-"))
    try {
      const program = join(directory, "bin", "slipway")
      mkdirSync(join(directory, "bin"))
      writeFileSync(program, "#!/bin/sh\n")
      chmodSync(program, 0o755)
      const file = join(directory, unitName)
      const verify = (text: string) => {
        writeFileSync(file, text)
        const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" })
        return {
          status,
          ours: stderr.split("\n").filter((line) => line.includes("slipway") && !line.includes("docker"))
        }
      }
      for (const runs of ["agent", "up"] as const) {
        for (const takeover of [undefined, "masked", "disabled"] as const) {
          assert.deepStrictEqual(verify(unitText({ program: [program], runs, takeover })).ours, [])
        }
        // The check can fail.
        assert.isNotEmpty(verify(unitText({ program: [`${program}-missing`], runs })).ours)
        assert.isNotEmpty(verify(unitText({ program: [program], runs }).replace("Type=", "Type=not")).ours)
      }
      const agent = unitText({ program: [program], runs: "agent" })
      for (const line of ["WatchdogSec=5min", "WatchdogSignal=SIGKILL", "SuccessExitStatus=143", "Restart=always"]) {
        assert.isNotEmpty(verify(agent.replace(line, line.replace("=", "=not "))).ours, line)
      }
      assert.isNotEmpty(verify(agent.replace("ExecReload=kill", "ExecReload=kill-it")).ours)
      assert.match(execFileSync("systemd-analyze", ["--version"], { encoding: "utf8" }), /^systemd \d+/)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

/** Units by name, as files. */
type Units = Readonly<Record<string, string>>

const target = (order = "") => `[Unit]\n${order}\n`
const service = (order = "") => `[Unit]\n${order}\n[Service]\nType=oneshot\nExecStart=/bin/true\n`
const socket = (order = "") => `[Unit]\n${order}\n[Socket]\nListenStream=/run/none\n`

/**
 * What systemd says of a boot into multi-user.target that wants these units: nothing, or which circle there is in their
 * order, and which of them it does not start therefore.
 */
const circleIn = (units: Units, wanted: ReadonlyArray<string> = Object.keys(units)): string => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-boot-"))
  try {
    const targets = ["sysinit", "basic", "shutdown", "multi-user"].map((name) => [`${name}.target`, target()] as const)
    for (const [name, text] of [...targets, ...Object.entries(units)]) writeFileSync(join(directory, name), text)
    const wants = join(directory, "multi-user.target.wants")
    mkdirSync(wants)
    for (const name of wanted) symlinkSync(`../${name}`, join(wants, name))
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", join(directory, "multi-user.target")], {
      encoding: "utf8",
      env: { ...process.env, SYSTEMD_UNIT_PATH: directory }
    })
    return stderr
      .split("\n")
      .filter((line) => line.includes("ordering cycle"))
      .join("\n")
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const ours = { [unitName]: unitText({ program: ["/bin/true"], runs: "agent" }) }
const startupScripts = "google-startup-scripts.service"
const cloudFinal = "cloud-final.service"

/** As Google's package has the startup scripts, and as Ubuntu's has them, after cloud-init's last stage. */
const images: Readonly<Record<string, (order: string) => Units>> = {
  "Container-Optimized OS": (order) => ({
    [startupScripts]: service(`After=network-online.target ${order}`),
    "network-online.target": target(),
    "gcr-online.target": target("After=network-online.target"),
    "docker.socket": socket(),
    "docker.service": service("After=docker.socket network-online.target\nRequires=docker.socket")
  }),
  Debian: (order) => ({
    [startupScripts]: service(`After=network-online.target ${order}`),
    [cloudFinal]: service("After=network-online.target multi-user.target"),
    "cloud-init.target": target(`Wants=${cloudFinal}\nAfter=multi-user.target`),
    "docker.service": service()
  }),
  Ubuntu: (order) => ({
    [startupScripts]: service(`After=${cloudFinal} multi-user.target ${order}\nWants=${cloudFinal}`),
    [cloudFinal]: service("After=network-online.target multi-user.target"),
    "cloud-init.target": target(`Wants=${cloudFinal}\nAfter=multi-user.target`),
    "docker.service": service()
  })
}

describe.skipIf(isSkipped)("the order of a boot", () => {
  for (const [name, image] of Object.entries(images)) {
    const wanted = [...Object.keys(image("")).filter((name) => name !== cloudFinal), unitName]

    it(`has no circle on ${name}, where the unit comes after the startup scripts`, () => {
      assert.strictEqual(circleIn({ ...image(""), ...ours }, wanted), "")
      // If they came after the unit as well, there would be one.
      assert.match(circleIn({ ...image(unitName), ...ours }, wanted), /ordering cycle/)
    })
  }

  it("with systemd's default dependencies Ubuntu would leave out a unit of the cycle, now this one, now that", () => {
    const text = ours[unitName]!.replace("DefaultDependencies=no\n", "")
    const units = { ...images["Ubuntu"]!(""), [unitName]: text }
    const circle = circleIn(units, [unitName, startupScripts])
    assert.match(circle, /\/start deleted to break/)
    assert.include(circle, unitName)
  })

  it("has the unit after each that konlet came after, and after the engine", () => {
    for (const [name, text] of [
      ["network-online.target", target],
      ["gcr-online.target", target],
      ["docker.socket", socket],
      ["docker.service", service],
      ["docker-events-collector.service", service],
      ["stackdriver-logging.service", service]
    ] as const) {
      assert.strictEqual(circleIn({ [name]: text(), ...ours }), "", name)
      assert.match(circleIn({ [name]: text(`After=${unitName}`), ...ours }), /ordering cycle/, name)
    }
  })

  it("leaves room for a unit of the operator's that comes after ours", () => {
    const units = { ...images["Debian"]!(""), ...ours, "warm-up.service": service(`After=${unitName}`) }
    assert.strictEqual(circleIn(units, [unitName, startupScripts, "warm-up.service"]), "")
  })
})
