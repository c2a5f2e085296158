import { parseNiin, parseNsn } from './nsn.ts'

/**
 * Nation whose bureau codified the item of an NSN or NIIN (alpha-3); the item may be made elsewhere. Undefined where the
 * bureau is no nation's (11 NATO, 44 United Nations), where it stands on no list, and for 62 and 67: 62 was Belarus in
 * ACodP-1 of January 2020 and is Iraq since, 67 was Afghanistan then and is nobody's since.
 * @see NSPA, AC/135 e-Portal, NCS country codes (countries2.xml), as of 2026-08-03 in mgsmith-parsers/gaia, 1533da58;
 *   the same codes in CodSP-3, February 2026 (Albania to Jordan), and, as of January 2020, ACodP-1 in
 *   rizikoblogger/NCSTool, d0561393
 */
export function codifyingNation(number: string): string | undefined {
  const nsn = parseNsn(number)
  const niin = nsn.ok ? nsn : parseNiin(number)
  if (!niin.ok) return undefined
  const bureau = niin.value.slice(-11, -9)
  return bureau < '10' ? 'USA' : nationByBureau.get(bureau)
}

const nationByBureau: ReadonlyMap<string, string> = new Map(
  `
12 DEU, 13 BEL, 14 FRA, 15 ITA, 16 CZE, 17 NLD, 18 ZAF, 19 BRA
20 CAN, 21 CAN, 22 DNK, 23 GRC, 24 ISL, 25 NOR, 26 PRT, 27 TUR, 28 LUX, 29 ARG
30 JPN, 31 ISR, 32 SGP, 33 ESP, 34 MYS, 35 THA, 36 EGY, 37 KOR, 38 EST, 39 ROU
40 SVK, 41 AUT, 42 SVN, 43 POL, 45 IDN, 46 PHL, 47 LTU, 48 FJI, 49 TON
50 BGR, 51 HUN, 52 CHL, 53 HRV, 54 MKD, 55 LVA, 56 OMN, 57 RUS, 58 FIN, 59 ALB
60 KWT, 61 UKR, 63 MAR, 64 SWE, 65 PNG, 66 AUS, 68 GEO
70 SAU, 71 ARE, 72 IND, 73 SRB, 74 PAK, 75 BIH, 76 BRN, 77 MNE, 78 JOR, 79 PER
80 COL, 81 QAT, 82 DZA, 83 ECU, 84 IRL
98 NZL, 99 GBR
`
    .trim()
    .split(/, |\n/)
    .map((row) => [row.slice(0, 2), row.slice(3)]),
)
