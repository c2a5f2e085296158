import { createAutomergeAnswerer } from './answer-automerge.ts'
import type { AutomergeRequest } from './messages.ts'

/**
 * Program of the process in which Automerge meets bytes of other nations. It answers one question at a time over the channel to its parent,
 * may read its own code and nothing else, writes nothing, and holds nothing that is not in the parent's database: it may die at any moment.
 */
const answer = createAutomergeAnswerer()
process.on('message', (request: AutomergeRequest) => {
  process.send?.(answer(request))
})
process.on('disconnect', () => process.exit())
