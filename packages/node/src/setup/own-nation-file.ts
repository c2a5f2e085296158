import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Certificate,
  keyBytes,
  NationFile,
  type NodeCertificate,
  openNationCertificates,
  openRootWord,
  openSuccessions,
  Revocation,
  type Rooted,
  revocationType,
  rootsIn,
  toBase64url,
} from '@entente/schema'
import { type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { readHeard } from '../keys/heard-file.ts'
import { pathsOf } from './paths.ts'
import { readJson } from './read-json.ts'
import { readRosterJson } from './roster-store.ts'
import { SetupError } from './setup-error.ts'
import { parseRosterFile } from './sign-roster.ts'

/** What the nation's root has signed for so far, and what of it is in force. */
export interface OwnNationFile {
  readonly path: string
  readonly file: NationFile
  /** In the order of the file. */
  readonly certificates: readonly Certificate[]
  /** Node certificates among them, by rising serial. */
  readonly nodes: readonly NodeCertificate[]
  readonly revocations: readonly Revocation[]
  /** A serial that no certificate has. */
  readonly nextSerial: number
  /** Certificates and revocations of the installed roster. */
  readonly installed: ReadonlySet<string>
}

/**
 * Reads the nation file beside the node's config, which `init` made and every later word of the root went into, and the entry of the
 * installed roster: what stands in either stands.
 * @param root must be the nation's own @param options.takesBack for a word that only takes back: any root that partners believe, which until a roster
 * under the new one is in force are the old ones alone, and later all that the nation has had
 * @throws {SetupError} `ROSTER_UNREADABLE`, `ROOT_NOT_OURS` @throws {RosterError}
 */
export function readOwnNationFile(
  place: OwnPlace,
  root: Pick<Ed25519Signer, 'publicKey'>,
  { takesBack = false } = {},
): OwnNationFile {
  const { path, file, revocations, inForce } = ownNationFile(place)
  const rooted = rootedOf(file)
  const key = toBase64url(root.publicKey)
  const believed = takesBack ? believedRoots(place) : [file.root]
  if (!believed.includes(key)) {
    const waits = takesBack && file.root === key
    throw new SetupError(
      'ROOT_NOT_OURS',
      waits
        ? `partners do not know this root of ${place.nation} yet: until a roster with it is in force they believe ${believed.at(-1) ?? 'none of it'} alone, so have that one sign`
        : `this key is not the root of ${place.nation}`,
    )
  }
  const certificates = openNationCertificates(file, verifyEd25519)
  return {
    path,
    file,
    certificates,
    nodes: certificates.filter((certificate) => certificate.role === 'node'),
    revocations: revocations.map((jws) =>
      Revocation.parse(openRootWord(rooted, jws, revocationType, verifyEd25519)),
    ),
    nextSerial: Math.max(0, ...certificates.map(({ serial }) => serial)) + 1,
    installed: new Set([...(inForce?.certificates ?? []), ...(inForce?.revocations ?? [])]),
  }
}

/** The same without the root: what a partner is handed. @throws {SetupError} `ROSTER_UNREADABLE` */
export function ownNationFile({ folder, nation, rosterPath }: OwnPlace): {
  readonly path: string
  readonly file: NationFile
  readonly revocations: readonly string[]
  readonly inForce: NationFile | undefined
} {
  const path = join(folder, `${nation}.nation.json`)
  const { base, written, inForce } = readBoth({ folder, nation, rosterPath })
  const signed = [...new Set([...(inForce?.certificates ?? []), ...(written?.certificates ?? [])])]
  const nodes = openNationCertificates({ ...base, certificates: signed }, verifyEd25519).filter(
    (certificate) => certificate.role === 'node',
  )
  const heard = readHeard(pathsOf(folder).revocations).filter((seal) => {
    const said = openOwn(rootedOf(base), seal)
    return nodes.some(({ origin, key }) => origin === said?.origin && key === said.key)
  })
  const revocations = [
    ...new Set([...(inForce?.revocations ?? []), ...(written?.revocations ?? []), ...heard]),
  ]
  const file = { ...base, certificates: signed, ...(revocations.length > 0 && { revocations }) }
  return { path, file, revocations, inForce }
}

/** The nation's part as it stands here, before anything of it is opened. @throws {SetupError} `ROSTER_UNREADABLE` */
export const readNationFile = (place: OwnPlace): NationFile => readBoth(place).base

/**
 * Roots of the nation whose word partners believe when it takes back, base64url, the newest last: those of the roster in force that our nation file
 * knows too, or, alone, those of the file.
 * @throws {SetupError} `ROSTER_UNREADABLE` @throws {RosterError}
 */
export function believedRoots(place: OwnPlace): readonly string[] {
  const own = rootsIn(rootedOf(readNationFile(place)))
  const inForce = entryInForce(place)
  return inForce === undefined
    ? own
    : rootsIn(rootedOf(inForce)).filter((root) => own.includes(root))
}

/** Its roots, base64url, the present one last; null where there is neither file nor roster. @throws {SetupError} `ROSTER_UNREADABLE` @throws {RosterError} */
export function readOwnRoots(place: OwnPlace): readonly string[] | null {
  const { folder, nation, rosterPath } = place
  if (![join(folder, `${nation}.nation.json`), rosterPath].some((path) => existsSync(path)))
    return null
  return rootsIn(rootedOf(readNationFile(place)))
}

const entryInForce = ({ nation, rosterPath }: OwnPlace): NationFile | undefined =>
  existsSync(rosterPath)
    ? parseRosterFile(readRosterJson(rosterPath)).nations.find((each) => each.nation === nation)
    : undefined

function readBoth(place: OwnPlace) {
  const { folder, nation } = place
  const path = join(folder, `${nation}.nation.json`)
  const written = existsSync(path) ? parse(path) : undefined
  const inForce = entryInForce(place)
  const base = written ?? inForce
  if (base === undefined)
    throw new SetupError(
      'ROSTER_UNREADABLE',
      existsSync(pathsOf(folder).rootRequest)
        ? 'this node waits for its root: sign its request with entente root sign, then entente root install FILE'
        : `neither ${path} nor a roster of ${nation} is here`,
    )
  if (written === undefined || inForce === undefined || written.root === inForce.root)
    return { base, written, inForce }
  // Under another root all is signed again: what the older one says stands in the newer.
  if (followsOn(written, inForce)) return { base: written, written, inForce: undefined }
  if (followsOn(inForce, written)) return { base: inForce, written: undefined, inForce }
  // Neither came after the other: what another root than ours has signed is not ours to hand on, and no certificate of two roots stands together.
  const rooted = rootedOf(written)
  const revocations = inForce.revocations?.filter((seal) => openOwn(rooted, seal) !== null) ?? []
  const apart = { ...inForce, certificates: [], revocations }
  return { base: written, written, inForce: apart }
}

interface OwnPlace {
  readonly folder: string
  readonly nation: string
  readonly rosterPath: string
}

/** Replaces the nation file, whole or not at all. */
export function writeNationFile(path: string, file: NationFile): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}

function parse(path: string): NationFile {
  const refuse = (reason: string) => new SetupError('ROSTER_UNREADABLE', `${path}: ${reason}`)
  const input = readJson(path, { missing: () => refuse('no such file'), form: refuse })
  const parsed = NationFile.safeParse(input)
  if (parsed.success) return parsed.data
  throw refuse('it is no nation file')
}

/** Whether the root of one file came after that of another. @throws {RosterError} `ROSTER_SUCCESSION` */
const followsOn = (file: NationFile, { root }: NationFile): boolean =>
  rootsIn(rootedOf(file)).includes(root)

const rootedOf = (file: NationFile): Rooted => ({
  root: keyBytes(file.root),
  successions: openSuccessions(file, verifyEd25519),
})

/** A revocation that this root, or one before it, has signed, or null. */
function openOwn(rooted: Rooted, seal: string): Revocation | null {
  try {
    return Revocation.parse(openRootWord(rooted, seal, revocationType, verifyEd25519))
  } catch {
    return null
  }
}
