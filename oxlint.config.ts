import type { OxlintConfig } from "oxlint"

type Rules = NonNullable<OxlintConfig["rules"]>

/**
 * The rooms of `src` and whose exports each may import, its own aside. A room reads from those before it, never from those
 * behind it. What is on the list of packages is what a room may use beside `effect`.
 */
export const rooms = {
  text: { imports: [], packages: [] },
  workload: { imports: ["text"], packages: [] },
  declaration: { imports: ["text", "workload"], packages: ["yaml"] },
  vm: { imports: ["text", "workload"], packages: ["node"] },
  progress: { imports: ["text", "workload", "vm"], packages: [] },
  timing: { imports: ["text", "workload", "vm", "progress"], packages: [] },
  observation: { imports: ["text", "workload", "vm", "progress", "timing"], packages: ["node"] },
  plan: { imports: ["text", "workload", "vm", "progress", "observation"], packages: ["node"] },
  apply: { imports: ["text", "workload", "vm", "progress", "timing", "observation", "plan"], packages: [] },
  startup: {
    imports: ["text", "workload", "declaration", "vm", "progress", "timing", "observation", "plan", "apply"],
    packages: []
  },
  install: { imports: ["text", "vm"], packages: [] },
  simulation: { imports: ["text", "workload", "vm"], packages: [] },
  cli: {
    imports: [
      "text",
      "workload",
      "declaration",
      "vm",
      "progress",
      "timing",
      "observation",
      "plan",
      "apply",
      "startup",
      "install",
      "simulation"
    ],
    packages: []
  }
} as const satisfies Record<
  string,
  { readonly imports: ReadonlyArray<string>; readonly packages: ReadonlyArray<"node" | "yaml"> }
>

type Room = keyof typeof rooms
const names = Object.keys(rooms) as ReadonlyArray<Room>

/** The entries: the executable, what is run as its snapshot is taken, and the package's. */
const entries = ["**/bin.ts", "**/warmUp.ts", "**/index.ts", "**/testing.ts"]

/** As a file of a room writes it, from whichever depth. */
const anyDepth = (path: string) => [`../${path}`, `../../${path}`, `../../../${path}`]

/** What a room may not import. */
const restrictedImports = (room: Room, mayImport: ReadonlyArray<string> = []): Rules => {
  const { imports, packages }: { readonly imports: ReadonlyArray<string>; readonly packages: ReadonlyArray<string> } =
    rooms[room]
  const forbidden = names.filter((name) => name !== room && !imports.includes(name))
  const paths = [
    { name: "dockerode", message: "Only vm/engine/EngineConnection.ts speaks to the engine." },
    { name: "yaml", message: "Only declaration/ reads YAML." },
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
          { group: ["@effect/**"], message: "Only bin.ts puts live layers together." },
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
const knowContractsOnly = ["timing", "progress", "observation", "plan", "apply", "startup"]
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
        "no-restricted-imports": ["error", { patterns: [{ group: ["@effect/**", "./bin.ts", "./warmUp.ts"] }] }]
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
