import type { DriverTestKit } from './driver-test-kit.ts'

/**
 * A history with gaps: versions 1 (up, down), 3 (up), 4 (up, down), 5 (down), 7 (up, down).
 *
 * The down of 5 removes what the up of 3 made, so that every way up and down can be gone again and again.
 */
export const gapFiles = (kit: DriverTestKit): Record<string, string> => ({
  '1_a.up.sql': kit.script(kit.sql.create('kit_1')),
  '1_a.down.sql': kit.script(kit.sql.drop('kit_1')),
  '3_b.up.sql': kit.script(kit.sql.create('kit_3')),
  '4_c.up.sql': kit.script(kit.sql.create('kit_4')),
  '4_c.down.sql': kit.script(kit.sql.drop('kit_4')),
  '5_d.down.sql': kit.script(kit.sql.drop('kit_3')),
  '7_e.up.sql': kit.script(kit.sql.create('kit_7')),
  '7_e.down.sql': kit.script(kit.sql.drop('kit_7')),
})

/** Steps of both kinds in turn, each with both directions. */
export const mixedFiles = (kit: DriverTestKit, count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, string][] => {
      const [version, name] = [index + 1, `kit_${index + 1}`]
      return index % 2 === 0
        ? [
            [`${version}_atomic.up.sql`, kit.script(kit.create(name))],
            [`${version}_atomic.down.sql`, kit.script(kit.drop(name))],
          ]
        : [
            [
              `${version}_guarded.up.sql`,
              kit.nonTransactionalScript(kit.sql.create(name), kit.sql.outside),
            ],
            [`${version}_guarded.down.sql`, kit.nonTransactionalScript(kit.sql.drop(name))],
          ]
    }).flat(),
  )
