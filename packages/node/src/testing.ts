/** Parts of a node that tests put together otherwise: in front of a hostile sender, or behind a wire that is watched. */

export { ackBeat } from './acknowledge/ack-period.ts'
export { runHandler } from './adapters/channel-handler.ts'
export { createFrameDecoder } from './adapters/libp2p-framing.ts'
export { createClosedNode } from './adapters/libp2p-node.ts'
export { parsePeer } from './adapters/libp2p-peer.ts'
export { createLibp2pTransport } from './adapters/libp2p-transport.ts'
export { createMemoryChannelPair } from './adapters/memory-channel.ts'
export { createMemoryNetwork, type MemoryNetwork } from './adapters/memory-transport.ts'
export { type Database, openDatabase } from './adapters/sqlite-database.ts'
export { type Admission, createAdmission } from './admit/admit.ts'
export { AdmitError } from './admit/codes.ts'
export { hideRevoked } from './admit/hide-revoked.ts'
export { createAggregates } from './aggregate/aggregates.ts'
export { askSources } from './answer/sources.ts'
export { defaultLabelIn } from './api/dataset-api.ts'
export { createPolicyApi } from './api/policy-api.ts'
export { createRecordApi } from './api/record-api.ts'
export { authorsOf } from './approvals/standing-authors.ts'
export { decryptWith, encryptTo } from './backup/jwe.ts'
export { readLeaf } from './backup/read-leaf.ts'
export { createConsentStore } from './consents/consent-store.ts'
export { requests } from './control/requests.ts'
export { MAGIC, openBundle, openTrailer, sealHeader, TRAILER_BYTES } from './courier/bundle-file.ts'
export { createContentWriter, readContent } from './courier/content.ts'
export { CourierItem, decodeItem, encodeItem } from './courier/items.ts'
export { paddedSize } from './courier/padme.ts'
export { createFrameTaker } from './courier/take-frames.ts'
export type { Deps, Partner } from './deps.ts'
export { exportBundle } from './export/export-bundle.ts'
export {
  controlProtocol,
  decodeFrame,
  encodeFrame,
  feedProtocol,
  MOST_FEEDS,
  type NoticeFrame,
  RecipientFrame,
  SenderFrame,
  type StatementFrame,
} from './feed/frames.ts'
export { type FeedSource, serveFeed } from './feed/serve-feed.ts'
export { GossipAnswer, GossipRequest, gossipProtocol, MOST_GOSSIP_BYTES } from './gossip/frames.ts'
export { PurgeMessage } from './handover/purge-word.ts'
export { HandOverMessage } from './handover/take-over.ts'
export { readDrafts } from './import/read-drafts.ts'
export { openTable } from './import/table/open-table.ts'
export { fileSource } from './import/table/table.ts'
export { createAutomergeAnswerer } from './joint/automerge/answer-automerge.ts'
export { type AutomergeProcess, createAutomergeProcess } from './joint/automerge/run-automerge.ts'
export { readChange } from './joint/chunk/read-change.ts'
export { createJointDocuments, type JointDocuments } from './joint/joint.ts'
export { JointError } from './joint/joint-error.ts'
export {
  GivenFrame,
  HaveFrame,
  type JointFrame,
  jointProtocol,
  type TwiceFrame,
} from './joint/joint-frames.ts'
export { createJointStore } from './joint/joint-store.ts'
export * from './keys/at-rest/jwe.ts'
export { decodeKeys, encodeKeys, KeysFrame, keysProtocol } from './keys/frames.ts'
export { migrations, tables } from './layout.ts'
export { createLedger, type Ledger } from './ledger/ledger.ts'
export { createHeadFile } from './log/head-file.ts'
export { entryOf, statementHash } from './log/leaf.ts'
export { createPadding, defaultPadTo } from './log/padding.ts'
export { createReleaseLog, type ReleaseLog } from './log/release-log.ts'
export { cadenceBeat, createRhythm } from './log/rhythm.ts'
export { EvidenceHeader } from './network/audit-stream.ts'
export { MOST_ASKED_BYTES } from './network/open-network.ts'
export { decodePairing, HelloFrame, RosterFrame } from './pairing/frames.ts'
export { noteSuccessions } from './pairing/root-forks.ts'
export { partnerOf, partnersOf } from './partners.ts'
export { type Channel, type Transport, TransportError } from './ports/transport.ts'
export { RecoverFrame, RecoverQuestion } from './recover/serve-recover.ts'
export { createCatalogues, noteCatalogueRequest } from './release/catalogue/catalogues.ts'
export { fitted } from './release/catalogue/offers.ts'
export { forgetDecisions } from './release/forget-decisions.ts'
export { createPolicyStore, type PolicyStore } from './release/policy-store.ts'
export { createReleaser, type Releaser } from './release/releaser.ts'
export { restoreReleases } from './release/restore-releases.ts'
export { sealRecall } from './release/seal-recall.ts'
export { noteSubscription } from './release/subscribe.ts'
export { formatRequest, openAnswer } from './root/request.ts'
export { decodeLedgerFrame, encodeLedgerFrame, LedgerFrame } from './siblings/frames.ts'
export {
  decodePassed,
  encodePassed,
  PassedFrame,
  type PassedItem,
  WantedFrame,
} from './siblings/received/frames.ts'
export { joinTree } from './siblings/received/join-tree.ts'
export { lastPassed, passedItems } from './siblings/received/passed-items.ts'
export { noteReached, noteSent, unpurgedAt } from './siblings/received/passed-to.ts'
export { notePassing, passingName } from './siblings/received/passing.ts'
export { createReceivedLinks } from './siblings/received/received-links.ts'
export { createPassedTaker } from './siblings/received/take-passed.ts'
export { createView, type View } from './view/view.ts'
export { provesFork } from './witness/fork-evidence.ts'
export { witnessProtocol } from './witness/witness.ts'
