import type { OxlintConfig } from "oxlint"

type Rules = NonNullable<OxlintConfig["rules"]>

/**
 * The rooms of `src`: what each holds, which rooms it may import besides itself, and which packages besides `effect`. A
 * room imports from those above it, never from those below. docs/architecture.md has its table from here.
 */
export const rooms = {
  text: {
    holds: "texts for people: one line, printable, the nearest word, seconds; final exit codes",
    imports: [],
    packages: []
  },
  workload: {
    holds: "what is to run, valid by construction: pure types and the little that belongs to them",
    imports: ["text"],
    packages: []
  },
  declaration: {
    holds: "text → workload, all problems at once, each with its place; a host's policy",
    imports: ["text", "workload"],
    packages: ["yaml"]
  },
  vm: {
    holds:
      "the VM's boundaries: engine, host, storage, firewall, metadata, systemd; each service with its contract, errors and live layer",
    imports: ["text", "workload"],
    packages: ["node"]
  },
  progress: {
    holds: "what a run tells while it goes on, as plain data",
    imports: ["text", "workload", "vm"],
    packages: []
  },
  timing: {
    holds: "deadlines, retries, lost answers, monotonic time",
    imports: ["text", "workload", "vm", "progress"],
    packages: []
  },
  observation: {
    holds: "what is on the VM now; read-only",
    imports: ["text", "workload", "vm", "progress", "timing"],
    packages: ["node"]
  },
  resolution: {
    holds: "the values that a declaration takes from elsewhere: declared workload → workload; read-only",
    imports: ["text", "workload", "vm", "progress", "timing", "observation"],
    packages: ["node"]
  },
  plan: {
    holds: "what has to be done, why, and in what order; refusals. Pure",
    imports: ["text", "workload", "vm", "progress", "observation"],
    packages: ["node"]
  },
  apply: {
    holds: "carries a plan out, and rolls it back",
    imports: ["text", "workload", "vm", "progress", "timing", "observation", "plan"],
    packages: []
  },
  record: {
    holds: "what is kept of runs for whoever asks: the status, the last runs; what of it is still so",
    imports: ["text", "workload", "vm", "progress", "timing", "observation"],
    packages: ["node"]
  },
  startup: {
    holds: "the flow as one Effect: startup, preview, recovery, last good declaration, report",
    imports: [
      "text",
      "workload",
      "declaration",
      "vm",
      "progress",
      "timing",
      "observation",
      "resolution",
      "plan",
      "apply",
      "record"
    ],
    packages: []
  },
  agent: {
    holds: "the flow for as long as the VM runs, and its containers by their probes",
    imports: ["text", "workload", "vm", "progress", "timing", "observation", "plan", "apply", "record", "startup"],
    packages: []
  },
  convert: {
    holds: "declarations as other programs' files, and the other way; pure",
    imports: ["text", "workload", "declaration"],
    packages: ["yaml"]
  },
  install: { holds: "onto a VM: unit, user data, takeover from konlet", imports: ["text", "vm"], packages: [] },
  migration: {
    holds: "from konlet: what a VM has of it, what will differ and why, what comes next",
    imports: [
      "text",
      "workload",
      "declaration",
      "vm",
      "progress",
      "timing",
      "observation",
      "plan",
      "record",
      "install"
    ],
    packages: []
  },
  simulation: {
    holds: "the contracts of vm/ in memory: engine, host, network; trials, weeks and fleets",
    imports: ["text", "workload", "vm"],
    packages: []
  },
  cli: {
    holds: "commands, settings, output",
    imports: [
      "text",
      "workload",
      "declaration",
      "vm",
      "progress",
      "timing",
      "observation",
      "resolution",
      "plan",
      "apply",
      "record",
      "startup",
      "agent",
      "convert",
      "install",
      "migration",
      "simulation"
    ],
    packages: []
  },
  executable: {
    holds: "what the executable alone has: Node's HTTP client, V8's memory, the boots before its start-up snapshot",
    imports: ["vm", "cli"],
    packages: ["node", "platform"]
  }
} as const satisfies Record<
  string,
  {
    readonly holds: string
    readonly imports: ReadonlyArray<string>
    /** `platform`: @effect/platform-node. */
    readonly packages: ReadonlyArray<"node" | "platform" | "yaml">
  }
>

type Room = keyof typeof rooms
const names = Object.keys(rooms) as ReadonlyArray<Room>

/** The entries: the executable, and the package's. */
const entries = ["**/bin.ts", "**/index.ts", "**/testing.ts"]

const onlyTheExecutable = "Only bin.ts and executable/ know the platform, and put live layers together."

/** As a file of a room writes it, from whichever depth. */
const anyDepth = (path: string) => [`../${path}`, `../../${path}`, `../../../${path}`]

/** What a room may not import. */
const restrictedImports = (room: Room, mayImport: ReadonlyArray<string> = []): Rules => {
  const { imports, packages }: { readonly imports: ReadonlyArray<string>; readonly packages: ReadonlyArray<string> } =
    rooms[room]
  const forbidden = names.filter((name) => name !== room && !imports.includes(name))
  const paths = [
    { name: "dockerode", message: "Only vm/engine/EngineConnection.ts speaks to the engine." },
    { name: "yaml", message: "Only declaration/ reads YAML, and convert/ writes it." },
    { name: "effect", message: "Import modules one by one (effect/Effect): the whole costs start-up time." }
  ].filter(({ name }) => !mayImport.includes(name) && !packages.includes(name))
  return {
    "no-restricted-imports": [
      "error",
      {
        paths,
        patterns: [
          {
            group: forbidden.flatMap((name) => anyDepth(`${name}/**`)),
            message: `${room}/ imports ${imports.length === 0 ? "no other room" : imports.join(", ")}.`
          },
          { group: entries, message: "Nothing imports an entry of src." },
          ...(packages.includes("platform") ? [] : [{ group: ["@effect/**"], message: onlyTheExecutable }]),
          ...(packages.includes("node") ? [] : [{ group: ["node:*"], message: `${room}/ knows nothing of Node.` }])
        ].filter(({ group }) => group.length > 0)
      }
    ]
  }
}

const wallClock = "The wall clock jumps: measure with timing/stopwatch.ts, show with DateTime.now."
const restrictedProperties = [
  { object: "Map", property: "groupBy", message: "Node 20 lacks it." },
  { object: "Object", property: "groupBy", message: "Node 20 lacks it." },
  { object: "Promise", property: "withResolvers", message: "Node 20 lacks it." },
  { object: "Promise", property: "try", message: "Node 20 lacks it." },
  { object: "Array", property: "fromAsync", message: "Node 20 lacks it." },
  { object: "Clock", property: "currentTimeMillis", message: wallClock },
  { object: "Date", property: "now", message: "No test can set it, and it jumps." },
  { object: "Schedule", property: "upTo", message: `${wallClock} Use \`within\` there, or count attempts.` },
  { object: "Schedule", property: "during", message: `${wallClock} Use \`within\` there.` }
]

/** Rooms that know services by their contracts alone: an entry puts layers together. */
const knowContractsOnly = ["timing", "progress", "observation", "resolution", "plan", "apply", "startup", "agent"]
const layers = ["layer", "layerHost", "layerAuto", "layerSeed"].map((property) => ({
  property,
  message: "This room knows services by their contracts alone: an entry puts layers together."
}))

const config: OxlintConfig = {
  plugins: ["typescript", "unicorn", "oxc", "import"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  ignorePatterns: ["dist/**", "coverage/**"],
  rules: {
    // In tests and set-up, one after the other is what is meant.
    "eslint/no-await-in-loop": "off",
    // Control characters are what some expressions look for.
    "eslint/no-control-regex": "off",
    // A spread in a map makes a new object where the old one must stay as it is.
    "oxc/no-map-spread": "off",
    // What is used in one place is defined there.
    "unicorn/consistent-function-scoping": "off",
    // The words of the domain are few: an outer "plan" and an inner one are both rightly named.
    "eslint/no-shadow": "off",
    // Effect's tags are named _tag.
    "eslint/no-underscore-dangle": "off",
    // A generator that yields nothing today is still an Effect.
    "eslint/require-yield": "off",
    // Of a place that is known to be there: `noUncheckedIndexedAccess` cannot know.
    "typescript/no-non-null-assertion": "off",
    // Of Effect's Array, not JavaScript's.
    "unicorn/no-array-reverse": "off",
    // Node's emitters have `on`.
    "unicorn/prefer-add-event-listener": "off",
    "typescript/no-explicit-any": "error",
    // An import of types alone is an arrow as well.
    "import/no-cycle": ["error", { ignoreTypes: false }]
  },
  overrides: [
    {
      files: ["src/**/*.ts"],
      rules: { "no-restricted-properties": ["error", ...restrictedProperties] }
    },
    {
      files: ["src/index.ts", "src/testing.ts"],
      rules: {
        "no-restricted-imports": ["error", { patterns: [{ group: ["@effect/**", "./bin.ts", "./executable/**"] }] }]
      }
    },
    ...names.map((room) => ({ files: [`src/${room}/**/*.ts`], rules: restrictedImports(room) })),
    { files: ["src/vm/engine/EngineConnection.ts"], rules: restrictedImports("vm", ["dockerode"]) },
    {
      files: knowContractsOnly.map((room) => `src/${room}/**/*.ts`),
      rules: { "no-restricted-properties": ["error", ...restrictedProperties, ...layers] }
    }
  ]
}

export default config
