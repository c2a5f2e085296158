import { readYaml } from '@entente/node'
import { type LocatedIssue, locateIssues, PolicyDocument, SignedPolicy } from '@entente/policy'
import { CliError } from './cli-error.ts'
import { readText } from './files.ts'

/** Much more than any policy needs. */
const maxChars = 1 << 20

/** A policy as read from a file of YAML or JSON, signed or not. */
export interface PolicyFile {
  readonly file: string
  /** Not checked yet. */
  readonly policy: unknown
  readonly signatures: readonly string[]
  /** Line, from 1, of the deepest part of a path into the policy that the file has. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null
}

/** An issue of a policy as an officer meets it. */
export interface FileIssue {
  readonly code: string
  readonly file: string
  readonly line: number | null
  /** Id of the row; null: it is not in a row. */
  readonly row: string | null
  /** Way to it, within the row if it is in one. */
  readonly field: string
  readonly place: string
  readonly message: string
}

/**
 * Reads a policy as its author wrote it, or signed. What YAML can do beside saying values is refused: what stands in a line is what is signed.
 * @throws {CliError} `FILE_MISSING`, `FILE_FORM` with the line
 */
export function readPolicyFile(file: string): PolicyFile {
  const refuse = (why: string, line?: number): never => {
    const at = line === undefined ? '' : `:${line}`
    throw new CliError('FILE_FORM', `${file}${at}: ${why}`)
  }
  const yaml = readYaml(readText(file), { maxChars, plain: true }, refuse)
  if (!yaml.isMap)
    refuse(
      'this is no policy: a policy is YAML or JSON with the keys nation, edition, from, until, datasets, groups, ceilings, bands, rules and tests; entente policy new writes one',
    )
  const { document } = yaml
  const isSigned = yaml.has('policy') && yaml.has('signatures')
  const signed = isSigned ? SignedPolicy.safeParse(document) : null
  // A signed file whose policy has faults is no `SignedPolicy`: the faults are named all the same.
  const inner = isSigned ? (document as { readonly policy: unknown }).policy : document
  const before = isSigned ? ['policy'] : []
  return {
    file,
    policy: inner,
    signatures: signed?.data?.signatures ?? [],
    lineOf: (path) => yaml.lineOf([...before, ...path]) ?? null,
  }
}

/** Everything wrong with the policy of a file; empty when it may be signed. */
export const issuesOf = (file: PolicyFile): readonly FileIssue[] =>
  locateIssues(file.policy).map((issue) => placed(issue, file))

function placed(
  { code, place, message, path }: LocatedIssue,
  { file, policy, lineOf }: PolicyFile,
): FileIssue {
  const inRow = path[0] === 'rules' && typeof path[1] === 'number'
  return {
    code,
    file,
    line: lineOf(path),
    row: inRow ? rowIdOf(policy, path[1] as number) : null,
    field: sayPath(inRow ? path.slice(2) : path) || (inRow ? 'row' : 'policy'),
    place,
    message,
  }
}

function rowIdOf(policy: unknown, index: number): string {
  const rules: unknown = (policy as { readonly rules?: unknown } | null)?.rules
  const row: unknown = Array.isArray(rules) ? rules[index] : undefined
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

/** `NOR.yaml:41: UNKNOWN_FIELD in row can-rates, match.field.in[0]`. */
export function sayWhere({ file, line, code, row, field }: FileIssue): string {
  const at = line === null ? file : `${file}:${line}`
  return `${at}: ${code} ${row === null ? 'in' : `in row ${row},`} ${field}`
}

/**
 * The policy of a file that has no issue.
 * @throws {CliError} `FILE_FORM` naming the first
 */
export function soundPolicy(file: PolicyFile): PolicyDocument {
  const [first] = issuesOf(file)
  if (first !== undefined)
    throw new CliError(
      'FILE_FORM',
      `${sayWhere(first)}: ${first.message}; entente policy check ${file.file} names all that is wrong`,
    )
  return PolicyDocument.parse(file.policy)
}
