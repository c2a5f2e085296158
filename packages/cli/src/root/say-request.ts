import type { RootDocument } from '@entente/node'
import { certificateType, type NodeCertificate, revocationType } from '@entente/schema'

/** What the root is asked to say, in words that a person can check against what was agreed. */
export function sayDocument({ type, document }: RootDocument): readonly string[] {
  if (type === certificateType) {
    if (document.role === 'node') return sayNode(document)
    const as = document.role === 'policy-authority' ? 'policy authority' : 'release officer'
    const may =
      document.role === 'policy-authority'
        ? 'may put policies and registers in force'
        : 'may approve and refuse releases'
    return [`- certify a ${as}: ${document.name}, key ${document.key}, who ${may}`]
  }
  if (type === revocationType)
    return [
      `- revoke the statement key ${document.key} of ${document.origin} ${document.lastGood === null ? 'altogether' : `after leaf ${document.lastGood}`}`,
      `    because: ${document.reason}`,
      '    whoever hears it hangs up on a node whose present key it is; it cannot be taken back',
    ]
  if ('next' in document)
    return [`- let the log ${document.origin} end, and ${document.next} follow it`]
  const { previous } = document
  return previous === null
    ? [`- begin the release log ${document.origin}`]
    : [
        `- end the log ${previous.origin} at ${previous.size} leaves, and begin ${document.origin}`,
        `    declared lost: ${previous.lost.map(([first, last]) => `${first} to ${last}`).join(', ') || 'nothing'}`,
      ]
}

const sayNode = (node: NodeCertificate): readonly string[] => [
  `- certify a node: ${node.name}, certificate ${node.serial}`,
  `    peer id:    ${node.peerId}`,
  `    endpoints:  ${node.endpoints.join(', ') || 'none: it dials its partners'}`,
  `    log origin: ${node.origin}`,
  `    roles:      releases, cosigns (${node.witnessKey.split('+')[0]})`,
  `    from leaf:  ${node.from}, statement key ${node.key}`,
  ...(node.serial === 1
    ? []
    : [
        node.succession === undefined
          ? '    before it:  no word of an old key: right for a witness key, else ask whether one was lost'
          : '    before it:  old and new keys have signed this too',
      ]),
]
