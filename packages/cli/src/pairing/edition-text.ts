import { existsSync } from 'node:fs'
import { parseRosterFile, pathsOf, quorumFor, readRosterJson, verifyEd25519 } from '@entente/node'
import {
  canonicalJson,
  keyBytes,
  type NationFile,
  openSuccessions,
  type RosterFile,
} from '@entente/schema'
import { CliError } from '../cli-error.ts'
import { fingerprintWords } from '../fingerprint.ts'
import { cleanField } from '../text.ts'

/** The option of every verb that has a root sign an edition. */
export const allowOption = {
  flags: '--allow <names>',
  purpose:
    'members that the roster may leave out and terms that it may change, with commas: GBR,toleranceMs',
} as const

/** The roster in force at this folder. @returns null when there is none */
export function rosterInForce(folder: string): RosterFile | null {
  const { roster } = pathsOf(folder)
  return existsSync(roster) ? parseRosterFile(readRosterJson(roster)) : null
}

/** What an edition makes different, for whoever signs it; `unasked`: what no pairing does by itself, by the name that allows it. */
export interface EditionChanges {
  readonly lines: readonly string[]
  readonly unasked: readonly string[]
}

/** Terms that follow from who is a member. */
const FOLLOWING: ReadonlySet<string> = new Set(['number', 'nations', 'witnesses', 'quorum'])

/**
 * Compares an edition with the one in force, member by member and term by term: what a root signs binds its nation, whoever wrote it.
 * @param before null: none is in force, and every term is new
 */
export function changesOf(before: RosterFile | null, draft: RosterFile): EditionChanges {
  const old = new Map((before?.nations ?? []).map((file) => [file.nation, file]))
  const named = draft.nations.map(({ nation }) => nation)
  const adds = named.filter((nation) => !old.has(nation))
  const drops = [...old.keys()].filter((nation) => !named.includes(nation))
  const was: Readonly<Record<string, unknown>> = before?.witnessPolicy ?? {}
  const is: Readonly<Record<string, unknown>> = draft.witnessPolicy
  const terms = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (term) => term !== 'nations' && show(was[term]) !== show(is[term]),
  )
  const files = draft.nations.flatMap((file) => {
    const known = old.get(file.nation)
    const changed = known === undefined ? [] : changedIn(known, file)
    return changed.length === 0 ? [] : [`  changes ${file.nation}: ${changed.join(', ')}`]
  })
  return {
    lines: [
      `Roster ${draft.witnessPolicy.number}: ${named.map(cleanField).join(', ')}`,
      ...(adds.length === 0 ? [] : [`  adds: ${adds.map(cleanField).join(', ')}`]),
      ...(drops.length === 0 ? [] : [`  LEAVES OUT: ${drops.map(cleanField).join(', ')}`]),
      ...files,
      ...terms.map((term) =>
        before === null
          ? `  ${cleanField(term)}: ${show(is[term])}`
          : `  ${cleanField(term)}: ${show(was[term])} becomes ${show(is[term])}`,
      ),
    ],
    unasked:
      before === null
        ? []
        : [
            ...drops,
            ...terms.filter((term) => !FOLLOWING.has(term)),
            ...(weakensWitness(before, draft) ? ['quorum'] : []),
          ],
  }
}

/** @throws {CliError} `EDITION_UNASKED` when an edition does what nobody has said it may */
export function checkAllowed({ unasked }: EditionChanges, allow: string | undefined): void {
  const allowed = new Set((allow ?? '').split(',').map((name) => name.trim()))
  const left = unasked.filter((name) => !allowed.has(name))
  if (left.length > 0)
    throw new CliError(
      'EDITION_UNASKED',
      `this roster leaves out members or changes terms that no pairing changes: ${left.map(cleanField).join(', ')}. Ask who proposed it; if all of it is meant: --allow ${left.map(cleanField).join(',')}`,
    )
}

/** Shows what an edition makes different, before anybody is asked to sign it. @throws {CliError} as `checkAllowed` */
export function sayEdition(
  say: (line: string) => void,
  {
    folder,
    draft,
    allow,
  }: {
    readonly folder: string
    readonly draft: RosterFile
    readonly allow: string | undefined
  },
): void {
  const changes = changesOf(rosterInForce(folder), draft)
  say(changes.lines.join('\n'))
  checkAllowed(changes, allow)
}

/** Fewer cosignatures than before though no fewer are asked of so many, or other witnesses that are no nation. */
function weakensWitness(before: RosterFile, draft: RosterFile): boolean {
  const neutral = ({ witnessPolicy }: RosterFile) =>
    witnessPolicy.witnesses.filter((witness) => !('nation' in witness))
  const usual = quorumFor(draft.nations.length, neutral(draft).length)
  const { quorum } = draft.witnessPolicy
  return (
    quorum < Math.min(before.witnessPolicy.quorum, usual) ||
    show(neutral(before)) !== show(neutral(draft))
  )
}

function changedIn(was: NationFile, is: NationFile): readonly string[] {
  const fields = ['organisation', 'root', 'policyQuorum', 'certificates', 'revocations'] as const
  return fields
    .filter((field) => show(was[field]) !== show(is[field]))
    .map((field) => (field === 'root' ? rootWords(was, is) : field))
}

/** Whether the root that was known has named the new one: whoever signs must see it where it has not. */
function rootWords(was: NationFile, is: NationFile): string {
  const words = fingerprintWords(keyBytes(is.root))
  const isNamed = openSuccessions(is, verifyEd25519).some(({ from }) => from === was.root)
  return isNamed
    ? `root, ${words}, as the one before it has signed`
    : `ROOT, ${words}, WHICH THE ONE BEFORE IT HAS NOT NAMED: ask ${cleanField(is.nation)} by telephone`
}

const show = (value: unknown): string =>
  value === undefined ? 'unsaid' : cleanField(canonicalJson(value as never))
