import { formatIsoDate, parseIsoDate } from './dates.ts'
import type { PolicyDocument } from './document.ts'

/** Dated membership: who belongs to which group at which moment. */
export interface Groups {
  /** Whether a nation is a member at that moment. An unknown group has no members. */
  readonly has: (group: string, nation: string, atMs: number) => boolean
  /**
   * Whether a group that stands in a label of an earlier day means this member: it was one then, or its stay says that it inherits.
   * What is older than the group is as of the group's first day.
   */
  readonly means: (group: string, member: string, atMs: number, asOfMs: number) => boolean
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
  readonly inherits: boolean
  readonly fromMs: number
  readonly untilMs: number
}

/** Reads the membership table of a policy. Spans are half-open. */
export function openGroups(table: PolicyDocument['groups']): Groups {
  const groups = new Map<string, readonly Stay[]>()
  for (const code of Object.keys(table).sort())
    groups.set(
      code,
      (table[code] ?? []).map(({ nation, from, until, inherits = false }) => ({
        nation,
        inherits,
        fromMs: parseIsoDate(from) ?? Infinity,
        untilMs: until === undefined ? Infinity : (parseIsoDate(until) ?? -Infinity),
      })),
    )
  const founded = new Map(
    [...groups].map(([code, stays]) => [code, Math.min(...stays.map(({ fromMs }) => fromMs))]),
  )
  const has: Groups['has'] = (group, nation, atMs) => {
    for (const stay of groups.get(group) ?? []) if (covers(stay, nation, atMs)) return true
    return false
  }
  return {
    has,
    means: (group, member, atMs, asOfMs) => {
      const stays = (groups.get(group) ?? []).filter((stay) => covers(stay, member, atMs))
      const thenMs = Math.max(asOfMs, founded.get(group) ?? Infinity)
      return (
        stays.length > 0 && (stays.some(({ inherits }) => inherits) || has(group, member, thenMs))
      )
    },
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

const covers = (stay: Stay, nation: string, atMs: number) =>
  stay.nation === nation && stay.fromMs <= atMs && atMs < stay.untilMs

const tell = ({ fromMs, untilMs }: Stay) =>
  `from ${formatIsoDate(fromMs)}${untilMs === Infinity ? '' : ` until ${formatIsoDate(untilMs)}`}`
