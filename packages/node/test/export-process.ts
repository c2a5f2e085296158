import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openNode } from '../src/open-node.ts'

/**
 * Exports the capabilities of a node's folder, over what is there, in a process of its own that kills itself, as a power cut would, once half of it has
 * begun to stand beside the file.
 */
const [folder = '', path = ''] = process.argv.slice(2)
await using node = await openNode({ folder, network: false })
const folderOf = dirname(path)
const isBegun = () =>
  readdirSync(folderOf)
    .filter((name) => name.endsWith('.part') && !before.has(name))
    .some((name) => statSync(join(folderOf, name)).size > 0)
const before = new Set(readdirSync(folderOf))
await node.exportTable({ kind: 'capability', path, overwrite: true }, ({ stage, done }) => {
  if (stage === 'write records' && done >= 1_500 && isBegun()) process.kill(process.pid, 'SIGKILL')
})
