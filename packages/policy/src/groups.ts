import { formatIsoDate, parseIsoDate } from './dates.ts'
import type { PolicyDocument } from './document.ts'

/** Dated membership: who belongs to which group at which moment. */
export interface Groups {
  /** Whether a nation is a member at that moment. An unknown group has no members. */
  readonly has: (group: string, nation: string, atMs: number) => boolean
  /** Whether a nation is, was or will be a member: a group that it never is in says nothing about it. */
  readonly ever: (group: string, nation: string) => boolean
  /** The nation's groups at that moment, sorted. */
  readonly of: (nation: string, atMs: number) => readonly string[]
  /** When the nation joined or joins, and left or leaves, in words; null when it never was a member. */
  readonly story: (group: string, nation: string) => string | null
  /** All moments at which a membership begins or ends. */
  readonly cuts: readonly number[]
}

interface Stay {
  readonly nation: string
  readonly fromMs: number
  readonly untilMs: number
}

/** Reads the membership table of a policy. Spans are half-open. */
export function openGroups(table: PolicyDocument['groups']): Groups {
  const groups = new Map<string, readonly Stay[]>()
  for (const code of Object.keys(table).sort())
    groups.set(
      code,
      (table[code] ?? []).map(({ nation, from, until }) => ({
        nation,
        fromMs: parseIsoDate(from) ?? Infinity,
        untilMs: until === undefined ? Infinity : (parseIsoDate(until) ?? -Infinity),
      })),
    )
  const has: Groups['has'] = (group, nation, atMs) => {
    for (const stay of groups.get(group) ?? [])
      if (stay.nation === nation && stay.fromMs <= atMs && atMs < stay.untilMs) return true
    return false
  }
  return {
    has,
    ever: (group, nation) => (groups.get(group) ?? []).some((stay) => stay.nation === nation),
    of: (nation, atMs) => {
      const codes: string[] = []
      for (const code of groups.keys()) if (has(code, nation, atMs)) codes.push(code)
      return codes
    },
    story: (group, nation) => {
      const stays = (groups.get(group) ?? []).filter((stay) => stay.nation === nation)
      return stays.length === 0 ? null : stays.map(tell).join(', ')
    },
    cuts: [...groups.values()].flat().flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
  }
}

const tell = ({ fromMs, untilMs }: Stay) =>
  `from ${formatIsoDate(fromMs)}${untilMs === Infinity ? '' : ` until ${formatIsoDate(untilMs)}`}`
