import { quote } from './bytes.ts'
import { parseDecimal } from './decimal.ts'
import {
  checkKeyType,
  formatVerifierKey,
  KEY_TYPE,
  type KeyType,
  parseVerifierKey,
  type VerifierKey,
} from './key.ts'
import { MAX_NOTE_BYTES } from './note.ts'
import { VerificationError } from './verification-error.ts'

/** A log or witness of a policy and where it is reached, if said. */
export interface PolicyKey {
  readonly key: VerifierKey
  readonly url?: string
}

/** Members of which `threshold` must have witnessed. */
export interface PolicyGroup {
  readonly threshold: number
  /** Names of witnesses and groups. */
  readonly members: readonly string[]
}

/** Which logs are trusted, and which witnesses suffice. @see C2SP tlog-policy */
export interface WitnessPolicy {
  readonly logs: readonly PolicyKey[]
  /** By policy name, which need not be the name of the key. */
  readonly witnesses: ReadonlyMap<string, PolicyKey>
  /** In the order of definition: a group names only what stands before it. */
  readonly groups: ReadonlyMap<string, PolicyGroup>
  /** A witness, a group, or `none`. */
  readonly quorum: string
}

/**
 * Reads a policy file: lines `log`, `witness`, `group` and one `quorum`; empty lines and lines that start with `#`.
 * @throws {VerificationError} `POLICY_MALFORMED`, `VKEY_MALFORMED`, `KEY_TYPE` (a log key for a witness or the reverse)
 */
export function parseWitnessPolicy(text: string): WitnessPolicy {
  if (text.length > MAX_NOTE_BYTES || !Array.from(text).every(isAllowed)) throw malformed(text)
  const draft: Draft = {
    logs: [],
    witnesses: new Map(),
    groups: new Map(),
    members: new Set(),
    publicKeys: new Set(),
  }
  for (const line of text.split('\n')) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '')
    if (items[0] !== undefined && !items[0].startsWith('#')) readLine(items, draft, line)
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) throw malformed('no quorum')
  return { logs, witnesses, groups, quorum }
}

/** Writes a policy as {@link parseWitnessPolicy} reads it, every name before it is used. */
export function formatWitnessPolicy({ logs, witnesses, groups, quorum }: WitnessPolicy): string {
  const keyed = ({ key, url }: PolicyKey) => `${formatVerifierKey(key)}${url ? ` ${url}` : ''}`
  const lines = [
    ...logs.map((log) => `log ${keyed(log)}`),
    ...[...witnesses].map(([name, witness]) => `witness ${name} ${keyed(witness)}`),
    ...[...groups].map(
      ([name, { threshold, members }]) => `group ${name} ${threshold} ${members.join(' ')}`,
    ),
    `quorum ${quorum}`,
  ]
  return `${lines.join('\n')}\n`
}

/**
 * True if these witnesses make the quorum of the policy.
 * @param cosigned keys whose cosignatures were verified
 */
export function meetsQuorum(policy: WitnessPolicy, cosigned: readonly VerifierKey[]): boolean {
  const keys = new Set(cosigned.map(idOf))
  const witnessed = new Set(['none'])
  for (const [name, { key }] of policy.witnesses) {
    if (keys.has(idOf(key))) witnessed.add(name)
  }
  for (const [name, { threshold, members }] of policy.groups) {
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name)
  }
  return witnessed.has(policy.quorum)
}

interface Draft {
  readonly logs: PolicyKey[]
  readonly witnesses: Map<string, PolicyKey>
  readonly groups: Map<string, PolicyGroup>
  /** Names that stand in a group already. */
  readonly members: Set<string>
  /** Use and public key of every log and witness. */
  readonly publicKeys: Set<string>
  quorum?: string
}

function readLine([kind, ...items]: string[], draft: Draft, line: string): void {
  switch (kind) {
    case 'log':
      draft.logs.push(readKey(items, KEY_TYPE.ed25519, draft, line))
      return
    case 'witness': {
      const [name, ...rest] = items
      draft.witnesses.set(
        newName(name, draft, line),
        readKey(rest, KEY_TYPE.cosignature, draft, line),
      )
      return
    }
    case 'group': {
      const [name, threshold = '', ...members] = items
      draft.groups.set(newName(name, draft, line), readGroup(threshold, members, draft, line))
      return
    }
    case 'quorum': {
      const [name = '', ...rest] = items
      const isKnown = name === 'none' || isDefined(name, draft)
      if (!isKnown || rest.length > 0 || draft.quorum !== undefined) throw malformed(line)
      draft.quorum = name
      return
    }
    default:
      throw malformed(line)
  }
}

function readKey(
  [vkey = '', url, ...rest]: readonly string[],
  type: KeyType,
  { publicKeys }: Draft,
  line: string,
): PolicyKey {
  if (rest.length > 0) throw malformed(line)
  const key = parseVerifierKey(vkey)
  checkKeyType(key, type)
  if (publicKeys.has(idOf(key))) throw malformed(`public key twice: ${line}`)
  publicKeys.add(idOf(key))
  return url === undefined ? { key } : { key, url }
}

function readGroup(
  threshold: string,
  members: readonly string[],
  draft: Draft,
  line: string,
): PolicyGroup {
  for (const member of members) {
    if (!isDefined(member, draft) || draft.members.has(member)) throw malformed(line)
    draft.members.add(member)
  }
  const needed = thresholdOf(threshold, members.length)
  if (needed < 1 || needed > members.length) throw malformed(line)
  return { threshold: needed, members }
}

function thresholdOf(threshold: string, members: number): number {
  if (threshold === 'any') return 1
  return threshold === 'all' ? members : parseDecimal(threshold, 'POLICY_MALFORMED')
}

function newName(name: string | undefined, draft: Draft, line: string): string {
  const isReserved = name === undefined || ['none', 'any', 'all'].includes(name)
  if (isReserved || isDefined(name, draft)) throw malformed(line)
  return name
}

function isDefined(name: string, { witnesses, groups }: Draft): boolean {
  return witnesses.has(name) || groups.has(name)
}

function idOf({ type, publicKey }: VerifierKey): string {
  return `${type} ${publicKey.join()}`
}

function isAllowed(char: string): boolean {
  return char === '\n' || char === '\t' || (char >= ' ' && char !== '\x7f')
}

function malformed(line: string): VerificationError {
  return new VerificationError('POLICY_MALFORMED', `not a tlog-policy: ${quote(line)}`)
}
