import { readSigner, readYaml, verifyEd25519 } from '@entente/node'
import {
  type LocatedIssue,
  locateIssues,
  locateRegisterIssues,
  PolicyDocument,
  PolicyError,
  RegisterDocument,
  registerSealOf,
  sealOf,
} from '@entente/policy'
import { type PolicySeal, policySealType, registerSealType, signJws } from '@entente/schema'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { readText, writeJsonFile } from './files.ts'

/** Much more than any policy or register needs. */
const maxChars = 1 << 20

/** What a nation's authorities sign: a policy or a register, as a person writes it. */
interface Kind<D> {
  readonly name: 'policy' | 'register'
  /** What it is and must have, for who gives another file. */
  readonly form: string
  /** Member whose items are its rows, and what one is called. */
  readonly rows: readonly [list: string, row: string]
  readonly parse: (document: unknown) => D
  /** Everything wrong with it, with the way to each. */
  readonly locate: (document: unknown) => readonly LocatedIssue[]
  readonly sealType: string
  readonly seal: (document: D) => PolicySeal
}

export const policyKind: Kind<PolicyDocument> = {
  name: 'policy',
  form: 'a policy is YAML or JSON with the keys nation, edition, from, until, datasets, groups, ceilings, bands, rules and tests; entente policy new writes one',
  rows: ['rules', 'row'],
  parse: (document) => PolicyDocument.parse(document),
  locate: (document) => locateIssues(document),
  sealType: policySealType,
  seal: sealOf,
}

export const registerKind: Kind<RegisterDocument> = {
  name: 'register',
  form: 'a register is YAML or JSON with the keys nation, edition, from, until and agreements; examples/registers/CAN.json is one',
  rows: ['agreements', 'agreement'],
  parse: (document) => RegisterDocument.parse(document),
  // With the seals of suppliers: an authority signs no consent that was never given.
  locate: (document) => locateRegisterIssues(document, verifyEd25519),
  sealType: registerSealType,
  seal: registerSealOf,
}

/** A policy or register as read from a file of YAML or JSON, signed or not. */
export interface AuthorityFile<D> {
  readonly kind: Kind<D>
  readonly file: string
  /** Not checked yet. */
  readonly document: unknown
  readonly signatures: readonly string[]
  /** Line, from 1, of the deepest part of a path into the document that the file has. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null
}

/** An issue as an officer meets it. */
export interface FileIssue {
  readonly code: string
  readonly file: string
  readonly line: number | null
  /** Id of the row or agreement; null: it is in none. */
  readonly row: string | null
  /** Way to it, within the row if it is in one. */
  readonly field: string
  readonly place: string
  readonly message: string
  /** `NOR.yaml:41: UNKNOWN_FIELD in row can-rates, match.field.in[0]`. */
  readonly where: string
}

/**
 * Reads a policy or register as its author wrote it, or signed. What YAML can do beside saying values is refused: what stands in a line
 * is what is signed.
 * @throws {CliError} `FILE_MISSING`, `FILE_FORM` with the line
 */
export function readAuthorityFile<D>(kind: Kind<D>, file: string): AuthorityFile<D> {
  const refuse = (why: string, line?: number): never => {
    const at = line === undefined ? '' : `:${line}`
    throw new CliError('FILE_FORM', `${file}${at}: ${why}`)
  }
  const yaml = readYaml(readText(file), { maxChars, plain: true }, refuse)
  if (!yaml.isMap) refuse(`this is no ${kind.name}: ${kind.form}`)
  const isSigned = yaml.has(kind.name) && yaml.has('signatures')
  const whole = yaml.document as Readonly<Record<string, unknown>>
  const signatures = z.array(z.string()).safeParse(whole['signatures'])
  const before = isSigned ? [kind.name] : []
  return {
    kind,
    file,
    document: isSigned ? whole[kind.name] : whole,
    // A signed file whose signatures cannot be read is signed anew; faults of the document are named all the same.
    signatures: isSigned ? (signatures.data ?? []) : [],
    lineOf: (path) => yaml.lineOf([...before, ...path]) ?? null,
  }
}

export const readPolicyFile = (file: string): AuthorityFile<PolicyDocument> =>
  readAuthorityFile(policyKind, file)

/** Everything wrong with the document of a file; empty when it may be signed. */
export const issuesOf = <D>(file: AuthorityFile<D>): readonly FileIssue[] =>
  file.kind.locate(file.document).map((issue) => placed(issue, file))

function placed<D>(
  { code, place, message, path }: LocatedIssue,
  { kind, file, document, lineOf }: AuthorityFile<D>,
): FileIssue {
  const [list, word] = kind.rows
  const inRow = path[0] === list && typeof path[1] === 'number'
  const row = inRow ? rowIdOf(document, list, path[1] as number) : null
  const field = sayPath(inRow ? path.slice(2) : path) || (inRow ? word : kind.name)
  const line = lineOf(path)
  const at = line === null ? file : `${file}:${line}`
  const where = `${at}: ${code} in ${row === null ? '' : `${word} ${row}, `}${field}`
  return { code, file, line, row, field, place, message, where }
}

function rowIdOf(document: unknown, list: string, index: number): string {
  const rows: unknown = (document as Readonly<Record<string, unknown>> | null)?.[list]
  const row: unknown = Array.isArray(rows) ? rows[index] : undefined
  const id: unknown =
    typeof row === 'object' && row !== null && 'id' in row ? (row as { id: unknown }).id : undefined
  return typeof id === 'string' ? id : `number ${index + 1}`
}

const sayPath = (path: readonly PropertyKey[]): string =>
  path
    .map((step, i) =>
      typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`,
    )
    .join('')

/**
 * The document of a file that has no issue.
 * @throws {CliError} `FILE_FORM` naming the first
 */
export function soundDocument<D>(file: AuthorityFile<D>): D {
  const { kind } = file
  const [first] = issuesOf(file)
  if (first !== undefined)
    throw new CliError(
      'FILE_FORM',
      `${first.where}: ${first.message}; entente ${kind.name} check ${file.file} names all that is wrong`,
    )
  return kind.parse(file.document)
}

/** What an authority's signature has made of a file. */
export interface SignedFile {
  readonly out: string
  readonly seal: PolicySeal
  readonly signatures: readonly string[]
}

/**
 * Signs what a file says with an authority's key, beside those who have signed it before, if nothing is wrong with it.
 * @param out file to write; else that of the document, with `.signed.json`
 * @throws {PolicyError} `POLICY_INVALID` naming the first issue
 */
export function signAuthorityFile<D>(
  kind: Kind<D>,
  file: string,
  keyFile: string,
  out = file.replace(/(\.signed)?(\.json|\.ya?ml)?$/, '.signed.json'),
): SignedFile {
  const before = readAuthorityFile(kind, file)
  const issues = issuesOf(before)
  const [first] = issues
  if (first !== undefined)
    throw new PolicyError(
      'POLICY_INVALID',
      `${first.where}: ${first.message}; entente ${kind.name} check names all ${issues.length}`,
    )
  const document = kind.parse(before.document)
  const seal = kind.seal(document)
  const signature = signJws(kind.sealType, seal, readSigner(keyFile).sign)
  const signatures = [...new Set([...before.signatures, signature])]
  writeJsonFile(out, { [kind.name]: document, signatures })
  return { out, seal, signatures }
}
