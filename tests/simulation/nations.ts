import type { Nation } from '@entente/schema'

/** As many as a coalition may have; the first eight are those of every story that is not asked for more. */
const all: readonly Nation[] = [
  ...['AUS', 'CAN', 'DNK', 'GBR', 'NLD', 'NOR', 'NZL', 'USA'],
  ...['BEL', 'BGR', 'CZE', 'DEU', 'ESP', 'EST', 'FIN', 'FRA'],
  ...['GRC', 'HRV', 'HUN', 'ISL', 'ITA', 'JPN', 'KOR', 'LTU'],
  ...['LUX', 'LVA', 'POL', 'PRT', 'ROU', 'SVK', 'SVN', 'SWE'],
]
export const mostNations = all.length

/** Those of the stories of this process: `SIMULATED_NATIONS` says how many. */
export const nations = all.slice(0, Number(process.env['SIMULATED_NATIONS'] ?? 8))

/** Of the witnesses of one log, so many may lie. */
export const mostFaulty = Math.floor((nations.length - 2) / 3)
