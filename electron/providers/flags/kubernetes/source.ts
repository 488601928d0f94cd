import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeField } from '../../../../shared/model/probe.ts';
import type { Clock } from '../../../services/ports.ts';
import type { DocumentMark, DocumentSource, WriteAccess } from '../document/source.ts';
import { clockSkewOf } from '../shared/clock-skew.ts';
import type { KubeApi } from './api.ts';
import { escaped, metadataSchema, type ObjectKind, type ObjectMetadata, type PatchStep } from './object.ts';
import { watchObject } from './watch.ts';

/** Annotation that keeps the reason of the last change. */
export const REASON_ANNOTATION = 'scram/reason';
const LONGEST_REASON = 1000;

export interface KubeSourceOptions<T extends { readonly metadata: ObjectMetadata }> {
  readonly api: KubeApi;
  readonly kind: ObjectKind<T>;
  readonly namespace: string;
  /** Name of the object. */
  readonly object: string;
  /** Name of the source, for people. */
  readonly name: string;
  readonly fileName: string;
  readonly clock: Clock;
}

const accessSchema = z.object({
  status: z.object({ allowed: z.boolean(), reason: z.string().optional(), evaluationError: z.string().optional() }),
});
const versionSchema = z.object({ gitVersion: z.string() });

/** A document of flags in an object of a Kubernetes cluster. */
export function createKubeSource<T extends { readonly metadata: ObjectMetadata }>(
  options: KubeSourceOptions<T>,
): DocumentSource {
  const { api, kind, namespace, object, name, fileName, clock } = options;
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/v1beta1`;
  const collection = `${base}/namespaces/${namespace}/${kind.resource}`;
  const path = `${collection}/${object}`;
  const what = `${kind.resource} ${namespace}/${object}`;

  async function metadata(signal: AbortSignal): Promise<ObjectMetadata> {
    const headers = { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' };
    return (await api.ask({ method: 'GET', path, headers, schema: metadataSchema, what, signal })).value.metadata;
  }

  /** What is missing for a change; empty when nothing is. */
  async function refusedWrite(signal: AbortSignal): Promise<string> {
    const { value } = await api.ask({ method: 'GET', path, schema: kind.schema, what, signal });
    return kind.readOnly(value) ?? '';
  }

  async function writeAccess(signal: AbortSignal): Promise<WriteAccess> {
    const sentAtMs = clock.now();
    const { value, response } = await api.ask({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      json: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: { namespace, verb: 'patch', group: kind.group, resource: kind.resource, name: object },
        },
      },
      schema: accessSchema,
      what: 'its permissions',
      idempotentRead: true,
      signal,
    });
    const clockSkewMs = clockSkewOf(response.dateMs, sentAtMs, clock.now());
    const version = await api.ask({
      method: 'GET',
      path: '/version',
      schema: versionSchema,
      what: 'its version',
      signal,
    });
    const permission = `patch ${kind.resource}${kind.group === '' ? '' : `.${kind.group}`}`;
    const { allowed, reason } = value.status;
    const denied = `the permission ${permission} in namespace ${namespace} is missing${reason ? ` (${reason})` : ''}`;
    const fields: ProbeField[] = [
      { name: 'version', source: '/version', value: version.value.gitVersion, problem: null },
      {
        name: permission,
        source: 'SelfSubjectAccessReview',
        value: allowed ? 'allowed' : 'denied',
        problem: allowed ? null : denied,
      },
    ];
    if (!allowed) return { canWrite: false, detail: `${name}: ${denied}`, clockSkewMs, fields };
    const detail = await refusedWrite(signal).catch(() => '');
    return { canWrite: detail === '', detail, clockSkewMs, fields };
  }

  return {
    name,
    fileName,
    async read(signal) {
      const { value } = await api.ask({ method: 'GET', path, schema: kind.schema, what, signal });
      return { bytes: kind.bytesOf(value), version: versionOf(value.metadata), ...markOf(value.metadata) };
    },
    mark: async (signal) => markOf(await metadata(signal)),
    async replace(bytes, { expect, key, comment, signal }) {
      const { resourceVersion, annotated } = JSON.parse(expect.version) as ReturnType<typeof partsOf>;
      const reason = `${key}: ${comment}`.slice(0, LONGEST_REASON);
      const steps: PatchStep[] = [
        // The precondition: the server compares it with what it has, and answers 409 when that moved.
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
        annotated
          ? { op: 'add', path: `/metadata/annotations/${escaped(REASON_ANNOTATION)}`, value: reason }
          : { op: 'add', path: '/metadata/annotations', value: { [REASON_ANNOTATION]: reason } },
        ...kind.patch(expect.bytes, bytes),
      ];
      const patch = {
        method: 'PATCH',
        path,
        query: { fieldManager: 'scram' },
        headers: { 'content-type': 'application/json-patch+json' },
        json: steps,
        schema: metadataSchema,
        what: `changing ${key} in ${what}`,
        signal,
      } as const;
      try {
        await api.ask(patch);
      } catch (error) {
        // A patch whose place is gone is refused before its precondition is looked at.
        if (!(error instanceof ScramError) || error.code !== 'refused') throw error;
        if ((await metadata(signal)).resourceVersion === resourceVersion) throw error;
        throw new ScramError('conflict', `${what} has changed since it was read; nothing was written`, {
          cause: error,
        });
      }
    },
    ...(kind.stored === undefined ? {} : { stored: kind.stored }),
    watch: (onChange) => watchObject({ api, path: collection, object, clock, onChange }),
    writeAccess,
    // The API client is the connection's, shared by its environments.
    dispose() {},
  };
}

function partsOf(metadata: ObjectMetadata) {
  return { resourceVersion: metadata.resourceVersion, annotated: metadata.annotations !== undefined };
}

function versionOf(metadata: ObjectMetadata): string {
  return JSON.stringify(partsOf(metadata));
}

function markOf({ uid, resourceVersion, managedFields, creationTimestamp }: ObjectMetadata): DocumentMark {
  const times = [creationTimestamp, ...(managedFields ?? []).map(({ time }) => time)];
  const changedAtMs = times
    .map((time) => Date.parse(time ?? ''))
    .filter((ms) => !Number.isNaN(ms))
    .reduce<number | null>((last, ms) => (last === null || ms > last ? ms : last), null);
  return { mark: `${uid ?? ''}.${resourceVersion}`, changedAtMs };
}
