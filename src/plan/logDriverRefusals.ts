import type { Observation } from "../observation/Observation.ts"
import { ownDriver } from "../observation/observeEngineFacts.ts"
import type { Fate } from "./comparison.ts"
import { LogDriverMissing } from "./LogDriverRefusal.ts"

/** The log drivers of new containers that the engine does not have. */
export const logDriverRefusals = (
  { engineFacts }: Observation,
  created: ReadonlyArray<Fate>
): ReadonlyArray<LogDriverMissing> =>
  created.flatMap(({ member: { container } }) => {
    const driver = ownDriver(container)
    if (driver === undefined || engineFacts === undefined) return []
    const drivers = engineFacts.logDrivers
    return drivers.includes(driver) ? [] : [new LogDriverMissing({ container: container.name, driver, drivers })]
  })
