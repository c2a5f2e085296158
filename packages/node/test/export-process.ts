import { openNode } from '../src/open-node.ts'

/** Exports the capabilities of a node's folder, over what is there, in a process of its own that a test can kill. */
const [folder = '', path = ''] = process.argv.slice(2)
await using node = await openNode({ folder, network: false })
await node.exportTable({ kind: 'capability', path, overwrite: true })
