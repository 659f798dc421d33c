// Reads upstream's AuthenticationConfiguration: which issuers of JSON Web Tokens are believed, and how claims become
// users. One that does not say what it means is refused as a whole, with the place, before anything starts.
import { parse } from 'yaml';
import { z } from 'zod';
import {
  compileExpression,
  createEnvironment,
  kubernetesLibraries,
  types,
  type Program,
} from '../../../../machinery/cel/index.ts';

/** Why a configuration cannot be used, in a sentence that names the field. */
export class AuthenticationConfigurationError extends Error {}

const claimOrExpression = z.strictObject({
  claim: z.string().min(1).optional(),
  expression: z.string().min(1).optional(),
});
const prefixed = claimOrExpression.extend({ prefix: z.string().optional() });
const https = z.url({ protocol: /^https$/ });
const issuerSchema = z.strictObject({
  url: https,
  discoveryURL: https.optional(),
  certificateAuthority: z.string().optional(),
  audiences: z.array(z.string().min(1)).min(1),
  audienceMatchPolicy: z.enum(['', 'MatchAny']).optional(),
});
const jwtSchema = z.strictObject({
  issuer: issuerSchema,
  claimValidationRules: z
    .array(claimOrExpression.extend({ requiredValue: z.string().optional(), message: z.string().optional() }))
    .default([]),
  claimMappings: z.strictObject({
    username: prefixed,
    groups: prefixed.optional(),
    uid: claimOrExpression.optional(),
    extra: z.array(z.strictObject({ key: z.string().min(1), valueExpression: z.string().min(1) })).default([]),
  }),
  userValidationRules: z
    .array(z.strictObject({ expression: z.string().min(1), message: z.string().optional() }))
    .default([]),
});
const configurationSchema = z.strictObject({
  apiVersion: z.enum(['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1']),
  kind: z.literal('AuthenticationConfiguration'),
  jwt: z.array(jwtSchema).min(1).max(64),
});

/** Where a value comes from: a claim as it is, behind a prefix, or what an expression makes of the claims. */
export type Source = { readonly claim: string; readonly prefix: string } | { readonly program: Program };

/** One condition: on a claim's value, or an expression that must be true. */
export type Condition =
  { readonly claim: string; readonly requiredValue: string } | { readonly program: Program; readonly message: string };

/** One issuer and what its tokens mean. */
export interface JwtAuthenticatorConfiguration {
  readonly issuer: z.infer<typeof issuerSchema>;
  readonly claimRules: readonly Condition[];
  readonly username: Source;
  readonly groups: Source | undefined;
  readonly uid: Source | undefined;
  readonly extra: readonly { readonly key: string; readonly program: Program }[];
  readonly userRules: readonly Condition[];
}

const claimsEnvironment = createEnvironment({
  variables: { claims: { type: types.dyn } },
  libraries: kubernetesLibraries,
});
const userEnvironment = createEnvironment({ variables: { user: { type: types.dyn } }, libraries: kubernetesLibraries });

/** The issuers of a file's text. */
export function readAuthenticationConfiguration(text: string): JwtAuthenticatorConfiguration[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new AuthenticationConfigurationError(`the file is not valid YAML: ${(cause as Error).message}`, { cause });
  }
  const parsed = configurationSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AuthenticationConfigurationError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`);
  }
  const urls = parsed.data.jwt.map(({ issuer }) => issuer.url);
  const twice = urls.find((url, index) => urls.indexOf(url) !== index);
  if (twice !== undefined) throw new AuthenticationConfigurationError(`jwt: two of them are for the issuer ${twice}`);
  return parsed.data.jwt.map((jwt, index) => read(jwt, `jwt[${index}]`));
}

function read(jwt: z.infer<typeof jwtSchema>, path: string): JwtAuthenticatorConfiguration {
  const { username, groups, uid, extra } = jwt.claimMappings;
  const mappings = `${path}.claimMappings`;
  return {
    issuer: jwt.issuer,
    claimRules: jwt.claimValidationRules.map(({ claim, requiredValue = '', expression, message = '' }, index) => {
      const at = `${path}.claimValidationRules[${index}]`;
      if ((claim === undefined) === (expression === undefined)) throw either(at, 'claim or expression');
      return claim === undefined
        ? { program: compile(expression ?? '', claimsEnvironment, at), message }
        : { claim, requiredValue };
    }),
    username: sourceOf(username, `${mappings}.username`, true),
    groups: groups && sourceOf(groups, `${mappings}.groups`, true),
    uid: uid && sourceOf(uid, `${mappings}.uid`, false),
    extra: extra.map(({ key, valueExpression }, index) => ({
      key,
      program: compile(valueExpression, claimsEnvironment, `${mappings}.extra[${index}].valueExpression`),
    })),
    userRules: jwt.userValidationRules.map(({ expression, message = '' }, index) => ({
      program: compile(expression, userEnvironment, `${path}.userValidationRules[${index}].expression`),
      message,
    })),
  };
}

function either(path: string, what: string): AuthenticationConfigurationError {
  return new AuthenticationConfigurationError(`${path}: exactly one of ${what} is needed`);
}

/** A prefix must be said, though it may be empty: whoever forgets it would let an issuer name the system's own users. */
function sourceOf({ claim, expression, prefix }: z.infer<typeof prefixed>, path: string, isPrefixed: boolean): Source {
  if ((claim === undefined) === (expression === undefined)) throw either(path, 'claim or expression');
  if (claim === undefined) {
    if (prefix !== undefined)
      throw new AuthenticationConfigurationError(`${path}.prefix: goes with claim, not with expression`);
    return { program: compile(expression ?? '', claimsEnvironment, `${path}.expression`) };
  }
  if (isPrefixed && prefix === undefined)
    throw new AuthenticationConfigurationError(`${path}.prefix: is needed beside claim; "" means none`);
  return { claim, prefix: prefix ?? '' };
}

function compile(source: string, environment: typeof claimsEnvironment, path: string): Program {
  const compilation = compileExpression(source, environment);
  if ('program' in compilation) return compilation.program;
  throw new AuthenticationConfigurationError(`${path}: ${compilation.fault}`);
}
