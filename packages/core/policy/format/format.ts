import { isMap, isScalar, type Node } from 'yaml'
import { complain, type Reader } from '../reader.ts'
import { PRESENT_FORMAT, type RulesFile, rulesFile } from '../shapes.ts'
import { type FirstRulesFile, firstRulesFile } from './first.ts'

/**
 * `rules.yaml` of whichever format it names; one that names none is of the first. INVARIANT: what a program once put in force
 * is read for ever, with the meaning that it had. So a reader of a former format stays as it is; what would change what an old
 * file means, or refuse it, is a new format.
 */
export const rulesOfAnyFormat: Reader<RulesFile | FirstRulesFile> = {
  read: (node, reading) => {
    const named = formatNode(node)
    if (named === null) return firstRulesFile.read(node, reading)
    if (isScalar(named) && named.value === PRESENT_FORMAT) return rulesFile.read(node, reading)
    return complain(named, reading, `a format that this program reads is needed here (${PRESENT_FORMAT})`)
  },
  schema: rulesFile.schema,
}

/** True of a file that names its format. */
export function isPresent(file: RulesFile | FirstRulesFile): file is RulesFile {
  return 'format' in file
}

function formatNode(node: Node): Node | null {
  if (!isMap(node)) return null
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === 'format')
  return pair === undefined ? null : ((pair.value ?? pair.key) as Node)
}
