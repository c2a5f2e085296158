import type { SeenFrame } from './frames.ts'
import type { Seen } from './step.ts'

/** What there is to tell a partner, each under the text by which it is known whether the partner knows it. */
export interface ToTell {
  readonly checkpoints: readonly { readonly text: string; readonly note: string }[]
  readonly forks: readonly { readonly text: string; readonly fork: Fork }[]
}
type Fork = SeenFrame['forks'][number]

export const toTell = (seen: readonly Seen[], forks: readonly Fork[]): ToTell => ({
  checkpoints: seen.map((one) => ({ text: textOfSeen(one), note: one.note })),
  forks: forks.map((fork) => ({ text: evidenceText(fork), fork })),
})

export const textsOf = ({ checkpoints, forks }: ToTell): readonly string[] =>
  [...checkpoints, ...forks].map(({ text }) => text)

/** The notes and evidence of what there is to tell, or those of these texts alone. */
export function framed(
  { checkpoints, forks }: ToTell,
  texts: readonly string[] | null = null,
): Pick<SeenFrame, 'checkpoints' | 'forks'> {
  const wanted = new Set(texts)
  const isWanted = ({ text }: { readonly text: string }) => texts === null || wanted.has(text)
  return {
    checkpoints: checkpoints.filter(isWanted).map(({ note }) => note),
    forks: forks.filter(isWanted).map(({ fork: { first, second } }) => ({ first, second })),
  }
}

/** Texts that we would tell a partner and that it has told: whatever else it may name takes no room here. */
export function toldByBoth(ours: ToTell, { checkpoints, forks }: SeenFrame): readonly string[] {
  const theirs = new Set([...checkpoints.map(textOf), ...forks.map(evidenceText)])
  return textsOf(ours).filter((text) => theirs.has(text))
}

/** A checkpoint without its signatures. */
export const textOf = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)
const evidenceText = ({ first, second }: Fork) => `${first}\n${second}`

/** Everything held is told to everybody, so it is not cut again and again. */
const texts = new WeakMap<Seen, string>()
function textOfSeen(seen: Seen): string {
  const text = texts.get(seen) ?? textOf(seen.note)
  texts.set(seen, text)
  return text
}
