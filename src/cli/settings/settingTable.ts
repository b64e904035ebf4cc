import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { defaultSettings, type Settings } from "../../startup/Settings.ts"
import { type Operation, deadlineTable } from "../../timing/Deadlines.ts"
import { defaultEngineAddress, formatEngineAddress } from "../../vm/engine/EngineAddress.ts"
import { defaultSecretManagerUrl, secretManagerSetting } from "../../vm/secrets/secretManagerUrl.ts"
import {
  absolutePath,
  duration,
  engineAddress,
  fileName,
  metadataHost,
  oneOf,
  openIptables,
  optionalDuration,
  secret,
  secretManagerUrl,
  yesOrNo
} from "./kinds.ts"
import { type LogFormat, logFormats } from "./logFormat.ts"
import type { Kind, Setting } from "./Setting.ts"

/** A flag, and the variable of the same name. */
const flag = (name: string) => ({ flag: name, variable: `SLIPWAY_${name.toUpperCase().replaceAll("-", "_")}` })
const variable = (name: string) => ({ flag: undefined, variable: name })

const setting = <A>(
  names: Pick<Setting<A>, "flag" | "variable">,
  kind: Kind<NoInfer<A>>,
  fallback: A,
  texts: Pick<Setting<A>, "default" | "help" | "isStrict">
): Setting<A> => ({ ...names, kind, fallback, ...texts })

/** A path whose default is the path itself. */
const path = (names: Pick<Setting<string>, "flag" | "variable">, fallback: string, help: string) =>
  setting<string>(names, absolutePath, fallback, { default: fallback, help })

/** Yes by default. */
const yes = (name: string, help: string, otherwise: string) =>
  setting<boolean>(flag(name), yesOrNo, true, { default: "yes", help: `${help}; --no-${name} ${otherwise}` })

/**
 * Everything that an operator can set, in the order of the documents. The flags with their help, what is read from the
 * environment, and the table in docs/settings.md are made of it.
 */
export const settingTable = {
  declaration: setting<Option.Option<string>>(flag("declaration"), fileName, Option.none(), {
    default: "the VM's metadata",
    help: "Read the declaration from a file (- is standard input)"
  }),
  policy: setting<Option.Option<string>>(
    flag("policy"),
    // Standard input is the declaration's.
    { ...fileName, parse: (text) => fileName.parse(text === "-" ? "" : text) },
    Option.none(),
    {
      default: "everything is allowed",
      help: "The host's policy: refuse declarations that this file does not allow",
      // An empty variable may be a file's name that got lost: never taken for "no policy".
      isStrict: true
    }
  ),
  token: setting<Option.Option<Redacted.Redacted>>(flag("token"), secret, Option.none(), {
    default: "the VM's own",
    help: "Access token for images in Google's registries; other processes can see the flag, but not the variable"
  }),
  openIptables: setting<Settings["openIptables"]>(flag("open-iptables"), openIptables, defaultSettings.openIptables, {
    default: "all",
    help:
      "Have the host's firewall accept all tcp, udp and icmp (all), only the ports that containers declare (declared), or " +
      "nothing, which removes Slipway's rules (no, also --no-open-iptables)"
  }),
  showWelcome: yes("show-welcome", "Greet logins with how the last run went", "leaves the greeting as it is"),
  detached: yes(
    "detached",
    "Return when the containers are up",
    "stays attached, with the container's output and exit code (of several containers, the first's)"
  ),
  confirm: setting<Duration.Duration>(flag("confirm"), duration, defaultSettings.confirm, {
    default: "3s",
    help: "How long a new container must stay up to count as started; 0s: not checked"
  }),
  mountRoot: path(
    flag("mounted-volumes-path-prefix"),
    defaultSettings.mountRoot,
    "Where disks and tmpfs are mounted; symbolic links are followed"
  ),
  pullFallback: setting<Settings["pullFallback"]>(
    flag("pull-fallback"),
    oneOf(["cached", "never"]),
    defaultSettings.pullFallback,
    {
      default: "cached",
      help: "If no registry answers, start the image that the engine holds (cached), or fail (never)"
    }
  ),
  lastGood: yes("last-good", "If metadata does not answer, start its last declaration that came up", "fails instead"),
  hostProcPath: setting<string | undefined>(flag("host-proc-path"), absolutePath, undefined, {
    default: "/host_proc if it is there, else /proc",
    help: "Where the host's /proc is, if Slipway runs in a container"
  }),
  retry: setting<boolean>(flag("retry"), yesOrNo, defaultSettings.retry, {
    default: "no",
    help: "Retry at once what failed before, even if another container runs in its place"
  }),
  followTags: setting<Option.Option<Duration.Duration>>(flag("follow-tags"), optionalDuration, Option.none(), {
    default: "never",
    help:
      "How often the agent asks registries whether declared tags have moved, besides at its start and with " +
      "each change of the declaration"
  }),
  logFormat: setting<LogFormat>(flag("log-format"), oneOf(logFormats), "auto", {
    default: "auto",
    help: "How log lines look on standard error; auto: as for the journal under systemd, coloured on a terminal, else plain"
  }),
  engine: setting(variable("DOCKER_HOST"), engineAddress, defaultEngineAddress, {
    default: formatEngineAddress(defaultEngineAddress),
    help: "Where the engine listens; also tcp://host:port"
  }),
  metadataHost: setting<string | undefined>(variable("GCE_METADATA_HOST"), metadataHost, undefined, {
    default: "metadata.google.internal",
    help: "The metadata server; where the default does not resolve, 169.254.169.254 is asked too"
  }),
  secretManagerUrl: setting<string | undefined>(variable(secretManagerSetting), secretManagerUrl, undefined, {
    default: defaultSecretManagerUrl,
    help: "Where Secret Manager is; http:// is accepted only for loopback and private addresses, as the VM's token is sent there"
  }),
  lockPath: path(variable("SLIPWAY_LOCK"), "/run/slipway/lock", "The file that one run at a time holds"),
  statusPath: setting<string | undefined>(variable("SLIPWAY_STATUS"), absolutePath, undefined, {
    default: "status.json beside the lock",
    help: "The file that says what runs and how the last run went"
  }),
  statePath: path(variable("SLIPWAY_STATE"), "/var/lib/slipway", "The folder for what one run keeps for the next"),
  welcomeScriptPath: path(
    variable("SLIPWAY_WELCOME_SCRIPT"),
    "/etc/profile.d/gce-containers-welcome.sh",
    "The login greeting"
  )
}

export type SettingName = keyof typeof settingTable

export const deadlineVariable = (operation: Operation) => `SLIPWAY_${operation}_TIMEOUT`

/** The deadlines, each of which a variable sets. */
export const deadlineSettings: ReadonlyArray<readonly [Operation, Setting<Duration.Duration>]> = (
  Object.keys(deadlineTable) as ReadonlyArray<Operation>
).map((name) => [
  name,
  setting<Duration.Duration>(variable(deadlineVariable(name)), duration, deadlineTable[name], {
    default: Duration.format(deadlineTable[name]),
    help: `How long one try of ${name} may take`
  })
])

/** The names of all variables. */
export const variables: ReadonlyArray<string> = [
  ...Object.values(settingTable),
  ...deadlineSettings.map(([, setting]) => setting)
].map((setting) => setting.variable)
