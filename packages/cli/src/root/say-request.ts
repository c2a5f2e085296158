import type { RootDocument } from '@entente/node'
import {
  type Certificate,
  certificateType,
  type DraftingCertificate,
  type NodeCertificate,
  NodeRole,
  revocationType,
} from '@entente/schema'
import { cleanField } from '../text.ts'

/** What the root is asked to say, in words that a person can check against what was agreed. */
export function sayDocument({ type, document }: RootDocument): readonly string[] {
  if (type === certificateType) return sayCertificate(document)
  if (type === revocationType)
    return [
      `- revoke the statement key ${document.key} of ${cleanField(document.origin)} ${document.lastGood === null ? 'altogether' : `after leaf ${document.lastGood}`}`,
      `    because: ${cleanField(document.reason)}`,
      '    whoever hears it hangs up on a node whose present key it is; it cannot be taken back',
    ]
  if ('next' in document)
    return [
      `- let the log ${cleanField(document.origin)} end, and ${cleanField(document.next)} follow it`,
    ]
  const { previous } = document
  return previous === null
    ? [`- begin the release log ${cleanField(document.origin)}`]
    : [
        `- end the log ${cleanField(previous.origin)} at ${previous.size} leaves, and begin ${cleanField(document.origin)}`,
        `    declared lost: ${previous.lost.map(([first, last]) => `${first} to ${last}`).join(', ') || 'nothing'}`,
      ]
}

/** A case for each role: one that a later version adds must not be taken for another. */
function sayCertificate(certificate: Certificate): readonly string[] {
  switch (certificate.role) {
    case 'node':
      return sayNode(certificate)
    case 'drafting-node':
      return sayDrafting(certificate)
    case 'policy-authority':
      return sayPerson('policy authority', certificate, 'may put policies and registers in force')
    case 'release-officer':
      return sayPerson('release officer', certificate, 'may approve and refuse releases')
  }
  return certificate satisfies never
}

const sayPerson = (
  as: string,
  { name, key }: { readonly name: string; readonly key: string },
  may: string,
): readonly string[] => [`- certify a ${as}: ${cleanField(name)}, key ${key}, who ${may}`]

const sayDrafting = (node: DraftingCertificate): readonly string[] => [
  `- certify a drafting node: ${cleanField(node.name)}, certificate ${node.serial}`,
  `    peer id:    ${cleanField(node.peerId)}`,
  `    endpoints:  ${node.endpoints.map(cleanField).join(', ') || 'none: it dials the other nodes'}`,
  '    roles:      drafts, and shares the ledger of the nation; it releases and cosigns nothing',
  `    statements: key ${node.key}`,
]

const does = { releaser: 'releases', receiver: 'receives', witness: 'cosigns' } as const

const sayNode = (node: NodeCertificate): readonly string[] => [
  `- certify a node: ${cleanField(node.name)}, certificate ${node.serial}`,
  `    peer id:    ${cleanField(node.peerId)}`,
  `    endpoints:  ${node.endpoints.map(cleanField).join(', ') || 'none: it dials its partners'}`,
  `    log origin: ${cleanField(node.origin)}`,
  `    log key:    ${cleanField(node.logKey)}`,
  `    roles:      ${(node.roles ?? NodeRole.options).map((role) => does[role]).join(', ')}`,
  `    witness:    ${cleanField(node.witnessKey)}`,
  `    from leaf:  ${node.from}, statement key ${node.key}`,
  ...(node.serial === 1
    ? []
    : [
        node.succession === undefined
          ? '    before it:  no word of an old key: right for a witness key, else ask whether one was lost'
          : '    before it:  old and new keys have signed this too',
      ]),
]
