import { parseNcage } from './ncage.ts'

/**
 * Nation whose bureau gave the code out (alpha-3), where its first and last character decide. Undefined for a digit at
 * both ends (the United States, and Canada before 2002), for `S***#` (NSPA, for nations without a bureau) and for forms
 * on no list. Belgium gives out the codes of Luxembourg.
 */
export function nationOfNcage(code: string): string | undefined {
  const nations = nationsOfNcage(code)
  return nations.length === 1 ? nations[0] : undefined
}

/** Nations that give out codes of this form; none where the form says nothing. */
export function nationsOfNcage(code: string): readonly string[] {
  const parsed = parseNcage(code)
  if (!parsed.ok) return []
  const [first, last] = [parsed.value[0] ?? '', parsed.value[4] ?? '']
  return nationsByForm.get(`${form(first)}***${form(last)}`) ?? []
}

const form = (character: string) => (/\d/.test(character) ? '#' : character)

/**
 * `#` is a digit, `*` a letter or digit.
 * @see CodSP-3, NCS Country Codes, February 2026 (gov.br/caslode, CodSPFeb26.zip), read from Albania to Jordan; from
 *   Korea on, ACodP-1 of January 2020 in rizikoblogger/NCSTool, d0561393 (Poland also: wcnjik.wp.mil.pl), for nations
 *   that the NSPA list of 2026-08-03 still has. Qatar's form is in none of them.
 */
const nationsByForm: ReadonlyMap<string, readonly string[]> = new Map(
  `
#***# USA CAN
A***# ITA, B***# BEL, C***# DEU, D***# DEU, E***# NZL, F***# FRA, G***# GRC, H***# NLD, J***# JPN
K***# GBR, L***# CAN, M***# FRA, N***# NOR, P***# PRT, Q***# SGP, R***# DNK, T***# TUR, U***# GBR
V***# ZAF, W***# ARG, Y***# MYS, Z***# AUS
#***A ISR, #***B ESP, #***C THA, #***D EGY, #***E SAU, #***F KOR, #***G CZE, #***H POL, #***J EST
#***K BRA, #***L ROU, #***M SVK, #***N AUT, #***P PHL, #***Q SVN, #***R LTU, #***S FJI, #***T TON
#***U BGR, #***V HUN, #***W ARE, #***Y IND, #***Z IDN
A***A CHL, A***B HRV, A***C MKD, A***D LVA, A***E OMN, A***F RUS, A***G FIN, A***H ALB, A***J UKR
A***K KWT, A***M MAR, A***N SWE, A***P PNG, A***R GEO, A***S SRB, A***T PAK, A***U BIH, A***V BRN
A***W MNE, A***X JOR, A***Y PER, A***Z COL
B***B DZA, B***C ECU, D***N IRQ, D***P IRL
`
    .trim()
    .split(/, |\n/)
    .map((row) => [row.slice(0, 5), row.slice(6).split(' ')]),
)
