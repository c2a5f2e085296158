import { authoritiesThatSigned, digestOf, isNation } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import { ImportError } from '../import-error.ts'
import type { Mapping } from './mapping.ts'
import { mappingSealType, sealOfMapping } from './mapping-seal.ts'
import { type ParsedMapping, parseMapping } from './parse-mapping.ts'

/**
 * A mapping ready for use. `signedBy`: authorities whose signatures count. `widenedBy`: their names, if they are enough and no
 * newer edition that this node knows is signed as well; else null, and nothing gets wider by it.
 */
export interface ReadyMapping {
  readonly mapping: Mapping
  readonly digest: string
  readonly file: string
  readonly text: string
  readonly signatures: readonly string[]
  readonly signedBy: readonly string[]
  readonly widenedBy: string | null
}

/** A mapping as it is given: its text, the file it came from, and what authorities have signed. */
export interface GivenMapping {
  readonly file: string
  readonly text: string
  readonly signatures?: readonly string[] | undefined
}

export interface SavedMapping {
  readonly name: string
  readonly edition: number
  readonly kind: string
  readonly dataset: string
  readonly title: string
  readonly digest: string
  readonly signedBy: readonly string[]
  readonly author: string
  readonly savedAtMs: number
}

/** Mappings of this node by name and edition. An edition never changes; signatures may be added to it. */
export interface MappingStore {
  /** Opens a mapping that is not saved, or not yet. @throws {ImportError} `MAPPING_INVALID` */
  readonly open: (given: GivenMapping) => ReadyMapping
  /** @throws {ImportError} `MAPPING_INVALID`, `MAPPING_SUPERSEDED` */
  readonly save: (given: GivenMapping, author: string) => SavedMapping
  /** The newest edition, or the one named. @throws {ImportError} `MAPPING_UNKNOWN` */
  readonly get: (name: string, edition?: number) => ReadyMapping
  readonly list: () => readonly SavedMapping[]
}

export function createMappingStore({ db, nation, roster, verify, clock }: Deps): MappingStore {
  const member = roster.members.get(nation)
  const isEnough = (signedBy: readonly string[]): boolean =>
    signedBy.length >= Math.max(1, member?.policyQuorum ?? 1)

  const ready = (
    parsed: ParsedMapping,
    { file, text, signatures = [] }: GivenMapping,
  ): ReadyMapping => {
    const signedBy = authoritiesThatSigned(
      mappingSealType,
      sealOfMapping(nation, parsed),
      signatures,
      member?.authorities ?? [],
      verify,
    )
    const { mapping: name, edition } = parsed.mapping
    const answered = isEnough(signedBy) && !isSuperseded(name, edition)
    return {
      mapping: parsed.mapping,
      digest: digestOf(parsed.document),
      file,
      text,
      signatures,
      signedBy,
      widenedBy: answered ? signedBy.join(', ') : null,
    }
  }
  /** What authorities have signed later takes back what they signed before. */
  const isSuperseded = (name: string, edition: number): boolean =>
    db
      .prepare('SELECT * FROM mapping_edition WHERE name = ? AND edition > ?')
      .all(name, edition)
      .some((later) => isEnough(readyOf(later).signedBy))
  const open = (given: GivenMapping): ReadyMapping => {
    const { file, text } = given
    const parsed = parseMapping(text, file)
    const { originator } = parsed.mapping
    if (typeof originator === 'string' && isNation(originator) && originator !== nation)
      throw new ImportError(
        'MAPPING_INVALID',
        `${file}: originator: this is a mapping for records of ${originator}, the node is of ${nation}`,
      )
    return ready(parsed, given)
  }
  const row = (name: string, edition?: number) =>
    db
      .prepare(
        'SELECT * FROM mapping_edition WHERE name = ? AND edition = coalesce(?, edition) ORDER BY edition DESC LIMIT 1',
      )
      .get(name, edition ?? null)
  const savedOf = (found: Record<string, unknown>): SavedMapping => {
    const { mapping, digest, signedBy } = readyOf(found)
    return {
      name: mapping.mapping,
      edition: mapping.edition,
      kind: mapping.kind,
      dataset: mapping.dataset,
      title: mapping.title ?? '',
      digest,
      signedBy,
      author: found['author'] as string,
      savedAtMs: found['saved_ms'] as number,
    }
  }
  const readyOf = (found: Record<string, unknown>): ReadyMapping =>
    open({
      file: found['file'] as string,
      text: found['text'] as string,
      signatures: JSON.parse(found['signatures'] as string) as string[],
    })

  return {
    open,
    save: (given, author) => {
      const { mapping, digest } = open(given)
      const { mapping: name, edition } = mapping
      const last = row(name)
      const same = row(name, edition)
      if (same !== undefined && same['digest'] !== digest)
        throw new ImportError(
          'MAPPING_SUPERSEDED',
          `${given.file}: edition ${edition} of ${name} is saved with other content: raise the edition to ${Number(last?.['edition']) + 1}`,
        )
      if (same === undefined && last !== undefined && edition < Number(last['edition']))
        throw new ImportError(
          'MAPPING_SUPERSEDED',
          `${given.file}: edition ${edition} of ${name} comes before edition ${last['edition']}, which is saved: raise the edition`,
        )
      const before = same === undefined ? [] : (JSON.parse(String(same['signatures'])) as string[])
      const signatures = [...new Set([...before, ...(given.signatures ?? [])])]
      db.prepare(
        `INSERT INTO mapping_edition (name, edition, digest, file, text, signatures, author, saved_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET signatures = excluded.signatures`,
      ).run(
        name,
        edition,
        digest,
        given.file,
        given.text,
        JSON.stringify(signatures),
        author,
        clock.nowMs(),
      )
      return savedOf(row(name, edition) ?? {})
    },
    get: (name, edition) => {
      const found = row(name, edition)
      if (found === undefined)
        throw new ImportError(
          'MAPPING_UNKNOWN',
          `no mapping ${name}${edition === undefined ? '' : `, edition ${edition},`} is saved; entente import map list names those that are`,
        )
      return readyOf(found)
    },
    list: () =>
      db.prepare('SELECT * FROM mapping_edition ORDER BY name, edition').all().map(savedOf),
  }
}
