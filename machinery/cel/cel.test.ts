// The language by table: expressions and what they evaluate to, what the checker refuses, what errors say.
import { describe, expect, it } from 'vitest';
import {
  anyJson,
  Budget,
  compileExpression,
  createEnvironment,
  fromJson,
  kubernetesLibraries,
  types,
  type Program,
  type Value,
} from './index.ts';

const { int, dyn, list, text, map } = types;
const environment = createEnvironment({
  variables: {
    x: { type: int },
    any: { type: dyn },
    names: { type: list(text) },
    labels: { type: map(text, text) },
    'a.b': { type: int },
  },
  libraries: kubernetesLibraries,
});
const variables: Record<string, Value> = {
  x: 5n,
  any: fromJson({ a: { b: [1, 2.5, 'x', null] }, n: 3, list: ['b', 'a'] }, anyJson),
  names: fromJson(['b', 'a']),
  labels: fromJson({ app: 'web', tier: 'front' }),
  'a.b': 7n,
};

function program(source: string): Program {
  const compiled = compileExpression(source, environment);
  if ('fault' in compiled) throw new Error(compiled.fault);
  return compiled.program;
}

const evaluate = (source: string): Value => program(source).evaluate(variables);
const fault = (source: string): string => {
  const compiled = compileExpression(source, environment);
  return 'fault' in compiled ? compiled.fault : 'none';
};

describe('expressions that hold', () => {
  it.each([
    // arithmetic and literals
    '1 + 2 * 3 == 7',
    '-7 / 2 == -3 && -7 % 2 == -1',
    '9223372036854775807 == 0x7fffffffffffffff',
    '-9223372036854775808 < 0',
    '18446744073709551615u > 1u',
    '1u + 2u == 3u && 7u / 2u == 3u',
    '1.5 + 1.5 == 3.0',
    '1 < 2.5 && 2u < 3 && 1.0 < 2u',
    'dyn(1) == dyn(1.0) && dyn(1u) == dyn(1)',
    '"a" + "b" == \'ab\' && b"a" + b"b" == b"ab"',
    'r"\\d" == "\\\\d" && """a"b""" == "a\\"b"',
    '"\\u00e9" == "é" && "\\x41\\101" == "AA"',
    "size('héllo') == 5 && size(b'h\\303\\251') == 3 && '😀'.size() == 1",
    'true ? 1 == 1 : 1 / 0 == 1',
    '[1, 2] + [3] == [1, 2, 3]',
    "{'a': 1, 'b': 2}['b'] == 2 && {'a': 1}.a == 1",
    "'a' in {'a': 1} && 2 in [1, 2] && !(3 in [1, 2])",
    // logic absorbs errors
    'true || 1 / 0 == 1',
    '1 / 0 == 1 || true',
    '!(false && 1 / 0 == 1) && !(1 / 0 == 1 && false)',
    '[0, 1].exists(i, 1 / i == 1)',
    '![0, 2].all(i, 1 / i == 1)',
    // variables, has, selection
    'x == 5 && a.b == 7',
    'has(any.a) && !has(any.z) && has(any.a.b)',
    'any.a.b[0] == 1 && any.a.b[1] == 2.5 && any.a.b[3] == null',
    'labels.app == "web" && has(labels.tier) && "app" in labels',
    // macros
    '[1, 2, 3].all(i, i > 0) && [1, 2].exists_one(i, i == 2)',
    '[1, 2, 3].filter(i, i % 2 == 1) == [1, 3]',
    '[1, 2, 3].map(i, i * 2) == [2, 4, 6] && [1, 2, 3].map(i, i > 1, i * i) == [4, 9]',
    "{'a': 1, 'b': 2}.all(k, k < 'c')",
    '[[1], [2, 3]].map(a, a.map(b, b + x)) == [[6], [7, 8]]',
    '[1, 2].map(x, [3, 4].map(y, x * y)) == [[3, 4], [6, 8]]',
    '[10, 20].all(i, v, v == (i + 1) * 10) && [10, 20].exists(i, v, i == 1 && v == 20)',
    "labels.transformList(k, v, k + '=' + v).sort() == ['app=web', 'tier=front']",
    "labels.transformMap(k, v, v.size()) == {'app': 3, 'tier': 5}",
    "['a', 'b'].transformMapEntry(i, v, {v: i}) == {'a': 0, 'b': 1}",
    '[1, 2].existsOne(i, v, v == 2)',
    // optionals
    "any.?a.?b[?0].orValue(9) == 1 && any.?z.?b.orValue('none') == 'none'",
    "labels[?'app'].hasValue() && !labels[?'zone'].hasValue()",
    'optional.of(3).optMap(v, v + 1).value() == 4 && optional.none().optMap(v, v).orValue(dyn(1)) == 1',
    "labels[?'zone'].or(labels[?'app']).value() == 'web'",
    "[?labels[?'app'], ?labels[?'zone']] == ['web']",
    "{?'a': labels[?'app'], ?'b': labels[?'zone']} == {'a': 'web'}",
    '!optional.ofNonZeroValue(0).hasValue()',
    "optional.unwrap([labels[?'app'], labels[?'x']]) == ['web']",
    // types and conversions
    "type(1) == int && type('') == string && type(1u) == uint && type([]) == list && type(null) == null_type",
    "int('42') == 42 && int(2.9) == 2 && uint(3) == 3u && double('1.5') == 1.5 && string(1.0) == '1'",
    "bool('true') && string(true) == 'true' && string(b'hi') == 'hi' && bytes('hi') == b'hi'",
    // time
    "timestamp('2024-02-29T12:00:00Z') < timestamp('2024-02-29T13:00:00+00:30')",
    "timestamp('2024-01-01T00:00:00Z') + duration('36h') == timestamp('2024-01-02T12:00:00Z')",
    "duration('1h30m') == duration('90m') && string(duration('1.5s')) == '1.5s' && duration('-1m').getSeconds() == -60",
    "timestamp('2024-05-06T07:08:09.010Z').getFullYear() == 2024 && timestamp('2024-05-06T07:08:09.010Z').getMilliseconds() == 10",
    "timestamp('2024-05-06T07:08:09Z').getHours('America/New_York') == 3 && timestamp('2024-05-06T07:08:09Z').getHours('+02:30') == 9",
    "timestamp('2024-05-06T07:08:09Z').getDayOfWeek() == 1 && timestamp('2024-05-06T07:08:09Z').getDayOfYear() == 126",
    "string(timestamp('2024-05-06T07:08:09.5Z')) == '2024-05-06T07:08:09.5Z' && int(timestamp('1970-01-01T00:00:01Z')) == 1",
    // strings
    "'hello'.contains('ell') && 'hello'.startsWith('he') && 'hello'.endsWith('lo')",
    "'a1b22'.matches('[0-9]{2}$') && !'abc'.matches('^b')",
    "'tacocat'.indexOf('ac') == 1 && 'tacocat'.lastIndexOf('a') == 5 && 'tacocat'.indexOf('a', 3) == 5",
    "'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco' && 'héllo'.charAt(1) == 'é'",
    "'  x '.trim() == 'x' && 'AbC'.lowerAscii() == 'abc' && 'abc'.upperAscii() == 'ABC'",
    "'hello hello'.replace('he', 'we') == 'wello wello' && 'hello hello'.replace('he', 'we', 1) == 'wello hello'",
    "'ab'.replace('', '-') == '-a-b-' && 'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
    "['a', 'b'].join() == 'ab' && ['a', 'b'].join('-') == 'a-b'",
    "'%s is %d and %.2f, 0x%x %b %%'.format(['it', 3, 1.239, 255, 5]) == 'it is 3 and 1.24, 0xff 101 %'",
    "'%s %s'.format([[1, 'a'], {'k': true}]) == '[1, a] {k: true}' && strings.quote('a\"b') == '\"a\\\\\"b\"'",
    // lists and sets
    '[1, 2, 3].sum() == 6 && [1.5, 2.5].max() == 2.5 && names.min() == "a" && [1, 2, 2].isSorted()',
    "['a', 'b', 'b'].indexOf('b') == 1 && ['a', 'b', 'b'].lastIndexOf('b') == 2",
    '[3, 1, 2].sort() == [1, 2, 3] && [1, 2, 3].reverse() == [3, 2, 1] && [1, 1, 2].distinct() == [1, 2]',
    "[{'n': 2}, {'n': 1}].sortBy(e, e.n)[0].n == 1 && [1, 2, 3].slice(1, 3) == [2, 3]",
    '[[1], [2, 3]].flatten() == [1, 2, 3]',
    'lists.range(3) == [0, 1, 2]',
    'sets.contains([1, 2, 3], [3, 1]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 2], [2, 1, 1])',
    // Kubernetes' libraries
    "'abc 123'.find('[0-9]+') == '123' && '123 abc'.find('xyz') == ''",
    "'a1b2'.findAll('[0-9]') == ['1', '2'] && 'a1b2'.findAll('[0-9]', 1) == ['1']",
    "url('https://example.com:80/path?k=a&k=b').getPort() == '80' && url('https://[::1]:80/').getHostname() == '::1'",
    "url('https://example.com/p?k=a&k=b').getQuery() == {'k': ['a', 'b']} && isURL('/path') && !isURL('../path') && isURL('mailto:a')",
    "quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('50k').add(20) == quantity('50020')",
    "quantity('50k').asInteger() == 50000 && !quantity('1m').isInteger() && isQuantity('1.3Gi') && !isQuantity('200K')",
    "ip('192.168.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('1.2.3') && isIP('fe80::1')",
    "ip('2001:db8::abcd') == ip('2001:DB8::ABCD') && !ip.isCanonical('2001:DB8::ABCD') && string(ip('1::0:0:1')) == '1::1'",
    "cidr('192.168.0.0/24').containsIP('192.168.0.7') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
    "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('::/64').prefixLength() == 64",
    "!format.dns1123Label().validate('my-name').hasValue() && format.named('dns1123Label').value().validate('My_').value().size() > 0",
    "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-alpha').compareTo(semver('1.0.0')) == -1",
    "semver('v1.0', true).major() == 1 && !isSemver('1.0') && isSemver('01.01.01', true)",
  ])('%s', (source) => {
    expect(evaluate(source)).toBe(true);
  });
});

describe('expressions that fail when they are evaluated', () => {
  it.each([
    ['1 / (x - 5)', 'division by zero'],
    ['9223372036854775807 + x', 'integer overflow'],
    ['uint(x) - 6u', 'unsigned integer overflow'],
    ['any.missing', 'no such key: missing'],
    ['names[2]', 'index out of bounds: 2'],
    ['any.a + 1', 'no such overload'],
    ['int(names[0])', "type conversion error from 'string' to 'int'"],
    ['[0, 2].all(i, 1 / i == 0) ', 'division by zero'],
    ['quantity(names[0])', 'quantities must match'],
    ['semver(names[0])', 'is not a semantic version'],
    ["'x'.matches(names[0] + '(')", 'missing closing'],
    ['timestamp(names[0])', "type conversion error from 'string' to 'google.protobuf.Timestamp'"],
  ])('%s: %s', (source, message) => {
    expect(() => evaluate(source)).toThrow(message);
  });
});

describe('expressions that are refused when they are written', () => {
  it.each([
    ['y + 1', "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y + 1\n | ^"],
    ["x + 'a'", "found no matching overload for '_+_' applied to '(int, string)'"],
    ['x == "5"', "found no matching overload for '_==_' applied to '(int, string)'"],
    ['x.foo', "type 'int' does not support field selection"],
    ["[1, 'a']", "expected type 'int' but found 'string'"],
    ['x.all(i, true)', "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['[1].all(i, i)', "found no matching overload for '_&&_' applied to '(bool, int)'"],
    ['has(x)', 'invalid argument to has() macro'],
    ['x +', "Syntax error: mismatched input '<EOF>'"],
    ['x ++ 1 )', 'Syntax error'],
    ["'a", 'token recognition error'],
    ['9223372036854775808', 'invalid int literal'],
    ['for', 'reserved identifier: for'],
    ["'x'.matches('(')", 'invalid matches argument'],
    ["duration('1 day')", 'invalid duration argument'],
    ['names.nope()', "undeclared reference to 'nope'"],
    ['Foo{a: 1}', "undeclared reference to 'Foo'"],
    ["'\\q'", 'unable to unescape'],
  ])('%s', (source, message) => {
    expect(fault(source)).toContain(message);
  });
});

describe('cel.bind', () => {
  it('is there where it is asked for', () => {
    const binding = createEnvironment({
      variables: { x: { type: int } },
      libraries: kubernetesLibraries,
      bindings: true,
    });
    const compiled = compileExpression('cel.bind(y, x * 2, cel.bind(z, y + 1, [y, z])) == [10, 11]', binding);
    expect('program' in compiled && compiled.program.evaluate(variables)).toBe(true);
    expect(fault('cel.bind(y, 1, y)')).toContain('undeclared reference');
  });
});

describe('hostile expressions', () => {
  it.each([
    ['parentheses', `${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['negations', `${'!'.repeat(10_000)}true`],
    ['lists', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['a chain of selections', `any${'.a'.repeat(10_000)}`],
    ['a chain of sums', `1${' + 1'.repeat(10_000)}`],
    ['a chain of ternaries', `${'true ? 1 : '.repeat(10_000)}1`],
    ['more characters than are allowed', `'${'a'.repeat(200_000)}' == ''`],
  ])('are refused: %s', (_title, source) => {
    expect(fault(source)).toMatch(/limit/);
  });

  it('long chains of && and || are no depth', () => {
    expect(evaluate(Array.from({ length: 2000 }, () => 'x == 5').join(' && '))).toBe(true);
  });

  it.each([
    ['nested loops', 'lists.range(2000).all(a, lists.range(2000).all(b, lists.range(2000).all(c, a + b + c >= 0)))'],
    [
      'doubling texts',
      "lists.range(64).map(i, 'aaaaaaaaaaaaaaaa').map(s, s + s + s + s).map(s, s + s + s + s).map(s, s + s + s + s).map(s, s + s + s + s).map(s, s + s + s + s).map(s, s + s + s + s).map(s, s + s + s + s).size() == 0",
    ],
    ['a replacement that explodes', `${`'${'a'.repeat(5000)}'`}.replace('', '${'b'.repeat(10_000)}').size() == 0`],
    ['a huge range', 'lists.range(999999999).size() == 0 || lists.range(1000000).size() == 1'],
    ['sets of sets', 'sets.contains(lists.range(9000), lists.range(9000))'],
  ])('are cut: %s', (_title, source) => {
    expect(() => evaluate(source)).toThrow(/cost limit exceeded|exceeds/);
  });

  it('patterns that would backtrack without end take linear time', () => {
    const budget = new Budget(Infinity);
    const text = `${'a'.repeat(5000)}!`;
    expect(program(`'${text}'.matches('^(a+)+$')`).evaluate(variables, budget)).toBe(false);
    expect(program(`'${text}'.matches('^(a|a|aa)*$')`).evaluate(variables, budget)).toBe(false);
    expect(fault(`'a'.matches('(a)\\\\1')`)).toContain('invalid matches argument');
    expect(fault(`'a'.matches('(?=a)a')`)).toContain('invalid matches argument');
  });

  it('names of JavaScript mean nothing', () => {
    expect(fault('any.constructor.constructor("x")')).toContain("undeclared reference to 'constructor'");
    expect(() => evaluate('any.__proto__')).toThrow('no such key: __proto__');
    expect(() => evaluate('any.toString')).toThrow('no such key: toString');
    expect(fault('constructor')).toContain('undeclared reference');
  });
});

describe('costs', () => {
  const cost = (source: string): number => {
    const budget = new Budget(Infinity);
    program(source).evaluate(variables, budget);
    return budget.spent;
  };

  it.each([
    ['1 == 1', 1],
    ['x == 5', 2],
    ['any.a.b[0] == 1', 5],
    ['has(any.a)', 1],
    ['[1, 2, 3]', 10],
    ["{'a': 1}", 30],
    ["'abc'.contains('b')", 1],
    ["'hello world'.startsWith('hello')", 1],
    ['true || x == 5', 0],
  ])('%s costs %d', (source, expected) => {
    expect(cost(source)).toBe(expected);
  });

  it('an estimate is at least what evaluating costs', () => {
    for (const source of [
      'x == 5 && any.n == 3',
      '[1, 2, 3].all(i, i > 0)',
      "'a,b'.split(',').size() == 2",
      '[3, 1].sort() == [1, 3]',
    ]) {
      expect(program(source).cost.max).toBeGreaterThanOrEqual(cost(source));
    }
  });

  it('what has no bound has no estimate', () => {
    expect(program('names.all(n, n.size() > 0)').cost.max).toBe(Infinity);
    expect(program('[1, 2].all(n, n > 0)').cost.max).toBeLessThan(100);
  });
});
