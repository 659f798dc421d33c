// Whether the rules of a schema may be written: they compile, and what they can cost at most stays within the limits
// that keep an API server responsive.
import type { FieldError } from '../../../../api/schema/field-error.ts';
import type { RuleNode } from './compile-rules.ts';

/** What one rule may cost on the largest object that the schema allows. */
const ruleLimit = 10_000_000;
/** What all rules of a schema may. */
const schemaLimit = 100_000_000;

interface Tally {
  readonly faults: FieldError[];
  total: number;
}

/** The faults of all rules below a node; `path` is where the schema stands in the CRD. */
export function checkRules(root: RuleNode | undefined, path: string): FieldError[] {
  if (root === undefined) return [];
  const tally: Tally = { faults: [], total: 0 };
  visit(root, path, 1, undefined, tally);
  if (tally.total > schemaLimit) {
    tally.faults.push({
      path,
      reason: 'FieldValueForbidden',
      message: `Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${factor(tally.total, schemaLimit)} (try simplifying the rule(s), or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
    });
  }
  return tally.faults;
}

/**
 * `cardinality` is how often the node can occur in one object; `uncorrelated` is the list above it whose elements have
 * no predecessors.
 */
function visit(
  node: RuleNode,
  path: string,
  cardinality: number,
  uncorrelated: string | undefined,
  tally: Tally,
): void {
  const refuse = (at: string, reason: FieldError['reason'], message: string): void => {
    tally.faults.push({ path: at, reason, message });
  };
  const invalid = (at: string, value: string, detail: string): void =>
    refuse(at, 'FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${detail}`);
  node.rules.forEach(({ declared, program, message, fault, messageFault, fieldPathFault, readsOldSelf }, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    if (declared.rule.trim() === '')
      refuse(`${at}.rule`, 'FieldValueRequired', 'Required value: rule is not specified');
    else if (fault !== undefined) invalid(`${at}.rule`, declared.rule, fault);
    if (messageFault !== undefined) invalid(`${at}.messageExpression`, declared.messageExpression ?? '', messageFault);
    if (fieldPathFault !== undefined) invalid(`${at}.fieldPath`, declared.fieldPath ?? '', fieldPathFault);
    if (declared.message?.includes('\n') === true)
      invalid(`${at}.message`, declared.message, 'message must not contain line breaks');
    if (declared.rule.includes('\n') && (declared.message ?? '') === '')
      refuse(
        `${at}.message`,
        'FieldValueRequired',
        'Required value: message must be specified if rule contains line breaks',
      );
    if (readsOldSelf && uncorrelated !== undefined)
      invalid(
        `${at}.rule`,
        declared.rule,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`,
      );
    if (declared.optionalOldSelf === true && !readsOldSelf)
      invalid(`${at}.optionalOldSelf`, 'true', 'may only be set to true when the rule uses oldSelf');
    for (const [part, one] of [
      ['rule', program],
      ['messageExpression', message],
    ] as const) {
      if (one === undefined) continue;
      const often = part === 'rule' ? cardinality : 1;
      const cost = one.cost.max === 0 ? 0 : one.cost.max * often;
      tally.total += cost;
      if (cost > ruleLimit)
        refuse(
          `${at}.${part}`,
          'FieldValueForbidden',
          `Forbidden: estimated ${part} cost exceeds budget by factor of ${factor(cost, ruleLimit)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
        );
    }
  });
  for (const [name, child] of node.properties)
    visit(child, `${path}.properties[${name}]`, cardinality, uncorrelated, tally);
  if (node.items !== undefined) {
    const within = node.listKeys === undefined ? (uncorrelated ?? path) : uncorrelated;
    visit(node.items, `${path}.items`, cardinality * node.type.size.max, within, tally);
  }
  if (node.additional !== undefined)
    visit(node.additional, `${path}.additionalProperties`, cardinality * node.type.size.max, uncorrelated, tally);
  node.allOf.forEach((branch, index) => visit(branch, `${path}.allOf[${index}]`, cardinality, uncorrelated, tally));
}

function factor(cost: number, limit: number): string {
  const times = cost / limit;
  return times > 100 ? 'more than 100x' : `${times.toFixed(1)}x`;
}
