import type { FlagDoc } from "effect/cli/HelpDoc"
import { asSentence, describeArgument, type Described, describeFlag } from "../../src/cli/output/helpText.ts"
import { settingTable } from "../../src/cli/settings/settingTable.ts"
import { environmentPath, unitName } from "../../src/install/unit.ts"
import type { CommandDoc } from "./commandTree.ts"
import { bold, line, roff } from "./roff.ts"

export interface ManPageOptions {
  readonly version: string
  /** Seconds since 1970. */
  readonly seconds: number
  /** The command line's exit codes, with what they mean. */
  readonly exitCodes: ReadonlyArray<readonly [code: string, meaning: string]>
}

const section = (heading: string, ...lines: ReadonlyArray<string>) => [`.SH ${heading}`, ...lines]
const tagged = (tag: string, text: string) => [".TP", line(tag), line(text)]

const sentence = (text: string) => roff(asSentence(text))

const described = ({ names, value, text }: Described) => {
  const joined = value === "" ? "" : `${value.startsWith("[=") ? "" : " "}\\fI${roff(value)}\\fR`
  return tagged(`${names.map(bold).join(", ")}${joined}`, roff(text))
}
const flag = (doc: FlagDoc) => described(describeFlag(doc))

const command = ({ name, doc }: CommandDoc) => [
  `.SS ${line(roff(doc.usage))}`,
  line(sentence(doc.description)),
  ...(doc.args ?? [])
    .map(describeArgument)
    .flatMap(({ names, text }) => tagged(`\\fI${roff(names.join())}\\fR`, roff(text))),
  ...doc.flags.filter((one) => !(doc.inheritedFlags ?? []).some((other) => other.name === one.name)).flatMap(flag),
  ...(doc.examples ?? []).flatMap((example) => [
    ".PP",
    line(roff(`${example.description ?? name}:`)),
    ".PP",
    ".RS 4",
    ".EX",
    line(bold(example.command)),
    ".EE",
    ".RE"
  ])
]

const leaves = (tree: CommandDoc): ReadonlyArray<CommandDoc> =>
  tree.subcommands.length === 0 ? [tree] : tree.subcommands.flatMap(leaves)

/** The manual page, made of what `--help` is made of. Source: man(7), man-pages(7). */
export const manPage = (tree: CommandDoc, { version, seconds, exitCodes }: ManPageOptions): string => {
  const date = new Date(seconds * 1000).toISOString().slice(0, 10)
  const commands = leaves(tree)
  return [
    `.TH SLIPWAY 8 "${date}" "slipway ${version}" "System administration"`,
    // Each request of man(7) that begins a paragraph sets the hyphenation to HY again.
    ".nr HY 0",
    ".nh",
    ".ad l",
    ...section(
      "NAME",
      line(roff(`slipway - ${tree.doc.description[0]!.toLowerCase()}${tree.doc.description.slice(1)}`))
    ),
    ...section(
      "SYNOPSIS",
      line(roff(tree.doc.usage)),
      ".br",
      line(`${bold("slipway")} \\fIcommand\\fR ${bold("--help")}`)
    ),
    ...section(
      "DESCRIPTION",
      line(
        roff(
          `At boot it reads a Pod-like declaration from the VM's metadata (the key \`slipway-declaration\`, else \`gce-container-declaration\`), makes the VM match it through its container engine, and says what it did and why.`
        )
      ),
      ".PP",
      line(
        roff(
          `\`slipway status\` says what is declared and what runs, \`systemctl status ${unitName}\` how the agent is.`
        )
      )
    ),
    ...section("COMMANDS", ...commands.flatMap(command)),
    ...section("FLAGS OF EVERY COMMAND", ...[...tree.doc.flags, ...(tree.doc.globalFlags ?? [])].flatMap(flag)),
    ...section(
      "ENVIRONMENT",
      line(roff(`A flag comes before its variable. The unit reads \`${environmentPath}\`.`)),
      ...Object.values(settingTable).flatMap((setting) =>
        tagged(bold(setting.variable), sentence(`${setting.help} (default: ${setting.default})`))
      )
    ),
    ...section("EXIT STATUS", ...exitCodes.flatMap(([code, meaning]) => tagged(bold(code), sentence(meaning)))),
    ...section(
      "FILES",
      ...tagged(bold(environmentPath), sentence("Settings of the unit, one NAME=value a line")),
      ...tagged(
        bold("/etc/slipway/policy.yaml"),
        sentence("What a declaration may do to the VM, where `SLIPWAY_POLICY` names it")
      ),
      ...tagged(bold(settingTable.statePath.fallback), sentence(settingTable.statePath.help)),
      ...tagged(bold("/run/slipway/status.json"), sentence("What runs, and how the last run went"))
    ),
    ...section("SEE ALSO", `${bold("systemctl")}(1), ${bold("journalctl")}(1), ${bold("docker")}(1)`),
    ""
  ].join("\n")
}

/** The rows of the README's table of exit codes. */
export const exitCodesOf = (readme: string): ManPageOptions["exitCodes"] =>
  [...readme.matchAll(/^\| ([\d, ]+) \| (.*) \|$/gm)].map(([, code = "", meaning = ""]) => [code, meaning])
