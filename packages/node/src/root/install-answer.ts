import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  certificateType,
  genesisSealType,
  handoverSealType,
  type NationFile,
  revocationType,
} from '@entente/schema'
import { noteHeard } from '../keys/heard-file.ts'
import { createHeadFile } from '../log/head-file.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { readNationFile, readOwnNationFile, writeNationFile } from '../setup/own-nation-file.ts'
import { pathsOf } from '../setup/paths.ts'
import { withoutLate } from '../setup/rotate-key.ts'
import { SetupError } from '../setup/setup-error.ts'
import { openAnswer, openRequest, type RootAnswer, type RootRequest } from './request.ts'

/** What the root's word has made of a node's folder. */
export interface InstalledAnswer {
  readonly request: RootRequest
  readonly answer: RootAnswer
  readonly nationFilePath: string
  /** Revocations among it, which a running node takes at once. */
  readonly revocations: readonly string[]
  /** A handover among it, which a running node logs. */
  readonly handover: { readonly next: string; readonly seal: string } | null
}

/**
 * Takes in what the root has signed of the request that this node made last: certificates and revocations go into the nation file, the seal
 * of the first log beside it. Done again after a crash, it does the rest.
 * @throws {SetupError} `ROOT_ANSWER_FORM`, `ROOT_ANSWER_DIFFERS`, `ROOT_REQUEST_MISSING`, `ROOT_NOT_OURS`, `KEY_LATE`
 */
export function installAnswer(folder: string, text: string): InstalledAnswer {
  const paths = pathsOf(folder)
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  if (!existsSync(paths.rootRequest))
    throw new SetupError(
      'ROOT_REQUEST_MISSING',
      `this node has asked nothing of its root: ${paths.rootRequest} is missing`,
    )
  const request = openRequest(readFileSync(paths.rootRequest, 'utf8'))
  const answer = openAnswer(text, request)
  const ofType = (type: string) =>
    answer.signed.filter((_, i) => request.documents[i]?.type === type)
  const certificates = ofType(certificateType)
  const revocations = ofType(revocationType)
  const nationFilePath = join(folder, `${nation}.nation.json`)
  const place = { folder, nation, rosterPath: own.rosterPath }

  const [seal] = ofType(genesisSealType)
  if (seal !== undefined && existsSync(nationFilePath) && certificates.length === 1)
    throw new SetupError(
      'ROOT_ANSWER_DIFFERS',
      'this ends a log: stop the node, then entente log retire --signed FILE, with the same --checkpoint',
    )
  if (seal !== undefined) {
    const file: NationFile = {
      nation,
      organisation: request.organisation,
      root: answer.root,
      policyQuorum: request.policyQuorum,
      certificates,
    }
    if (existsSync(nationFilePath) && readNationFile(place).root !== answer.root)
      throw new SetupError('ROOT_NOT_OURS', `${nationFilePath} names another root of ${nation}`)
    writeFileSync(paths.genesisSeal, `${seal}\n`, { mode: 0o600, flush: true })
    writeNationFile(nationFilePath, file)
  } else {
    const takesBack = revocations.length === answer.signed.length
    const given = readOwnNationFile(place, { publicKey: keyOf(answer) }, { takesBack })
    for (const [i, { document }] of request.documents.entries()) {
      if (!('role' in document)) continue
      if (document.role === 'node') mustBeNext(own.headPath, document)
      const isThere = given.file.certificates.includes(answer.signed[i] ?? '')
      if (!isThere && given.certificates.some(({ serial }) => serial === document.serial))
        throw new SetupError(
          'ROOT_ANSWER_DIFFERS',
          `certificate ${document.serial} has been given to another key meanwhile: ask again`,
        )
    }
    const leaves = createHeadFile(own.headPath).read() ?? 0
    writeNationFile(nationFilePath, {
      ...given.file,
      certificates: [...new Set([...withoutLate(given, origin, leaves), ...certificates])],
      ...((given.file.revocations !== undefined || revocations.length > 0) && {
        revocations: [...new Set([...(given.file.revocations ?? []), ...revocations])],
      }),
    })
    noteHeard(paths.revocations, revocations)
  }
  const handed = request.documents.findIndex(({ type }) => type === handoverSealType)
  const next = request.documents[handed]?.document
  rmSync(paths.rootRequest)
  return {
    request,
    answer,
    nationFilePath,
    revocations,
    handover:
      next !== undefined && 'next' in next
        ? { next: next.next, seal: answer.signed[handed] ?? '' }
        : null,
  }
}

const keyOf = ({ root }: RootAnswer): Uint8Array => new Uint8Array(Buffer.from(root, 'base64url'))

/** The log has grown while the request was under way. */
function mustBeNext(headPath: string, { from }: { readonly from: number }): void {
  const leaves = createHeadFile(headPath).read() ?? 0
  if (from < leaves)
    throw new SetupError(
      'KEY_LATE',
      `the log has ${leaves} leaves already, and the certificate begins at leaf ${from}: ask again, with a later --from`,
    )
}
