import { type NodeApi, type PairingOffer, readSigner, signRoster } from '@entente/node'
import { fromHex, type Nation, type RosterFile } from '@entente/schema'
import { fingerprintWords } from '../fingerprint.ts'

/** Six words of what both sides compare. @param code hexadecimal */
export const pairingWordsOf = (code: string): string => fingerprintWords(fromHex(code))

/** What a person looks at before they say yes. */
export function sayOffer({
  nation,
  organisation,
  endpoints,
  nations,
  code,
  answerMs,
}: PairingOffer): string {
  return [
    `Nation:        ${nation}`,
    `Organisation:  ${organisation}`,
    `Endpoints:     ${endpoints.join(', ') || 'none: it dials its partners'}`,
    ...(nations.length > 1 ? [`Coalition:     ${nations.join(', ')}`] : []),
    ...(answerMs === null ? [] : [`Answers:       every ${answerMs / 1000} s to requests`]),
    `Six words:     ${pairingWordsOf(code)}`,
  ].join('\n')
}

/** The root’s signature under an edition, made here with its key. @returns null without a key or an edition */
export function signDraft(
  draft: RosterFile | null,
  nation: Nation,
  root: string | undefined,
): string | null {
  if (draft === null || root === undefined) return null
  return signRoster(draft, readSigner(root)).signatures[nation] ?? null
}

/** That being paired gives nothing, and what of it is different because a policy is there already. */
export async function sayPaired(api: NodeApi, nations: readonly Nation[]): Promise<string> {
  const policy = JSON.stringify(await api.policyShow())
  const lines = nations.map((nation) =>
    policy.includes(`"${nation}"`)
      ? `Paired. The policy in force names ${nation}: what it gives goes once ${nation} subscribes.`
      : `Paired. You share nothing with ${nation}; ${nation} shares nothing with you.`,
  )
  return `${lines.join('\n')}\nNext: entente policy new, to start from a template`
}
