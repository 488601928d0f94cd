import type { Entry } from '../../../shared/model/entry.ts';

/** What an entry is about, in a few words of one line. */
export function subjectOf({ data }: Entry['body']): string {
  switch (data.kind) {
    case 'flag.seen-changed':
      return `${data.marker.subject} in ${data.marker.environment}`;
    case 'change.proposed': {
      const { action, flag, environment } = data.change.payload;
      return `${action} ${flag} in ${environment}: ${data.change.rationale}`;
    }
    case 'change.result':
      return `${short(data.hash)} ${data.outcome}${data.detail ? `: ${data.detail}` : ''}`;
    case 'change.recovery':
      return `${short(data.hash)} ${data.recovery.sli} ${data.recovery.verdict}`;
    case 'change.provider-approval':
      return `${short(data.hash)} ${data.id} ${data.status}`;
    case 'breach.began':
    case 'breach.ended':
      return `${data.sli} at ${data.value}`;
    case 'console.started':
      return `${data.host} ${data.version}`;
    case 'config.loaded':
      return data.source;
    case 'device.created':
      return data.product;
    case 'batch.proposed':
      return `${short(data.batch.hash)} ${data.batch.name} in ${data.batch.environment}: ${data.batch.changes.length} flags`;
    case 'drift.began':
    case 'drift.ended':
      return `${data.flag} in ${data.environment}`;
    case 'operator.unlocked':
      return `${data.operator} by ${data.how}`;
    case 'operator.locked':
      return `${data.operator}: ${data.why}`;
    case 'operator.unlock-failed':
    case 'operator.enrolled':
    case 'operator.removed':
      return data.operator;
    case 'roster.pinned':
      return `first key of ${data.signedBy.operator}`;
    case 'roster.accepted':
      return `version ${data.roster.body.version}, signed by ${data.roster.body.signedBy.operator}`;
    case 'roster.refused':
      return `version ${data.version}: ${data.why}`;
    case 'approval.requested':
      return `${short(data.request.hash)} for ${data.request.body.subject.kind} ${short(data.request.body.subject.hash)} by ${data.request.body.requester.operator}`;
    case 'approval.decided':
      return `${short(data.decision.body.request)} ${data.decision.body.decision} by ${data.decision.body.by.operator}: ${data.decision.body.reason}`;
    case 'approval.imported':
      return short(data.request?.hash ?? data.decision?.body.request ?? '');
    case 'approval.ended':
      return `${short(data.request)} ${data.end}: ${data.why}`;
    case 'breakglass.opened':
      return `${data.glass.operator} in ${data.glass.environment}: ${data.glass.reason}`;
    case 'breakglass.ended':
      return data.id;
    case 'breakglass.reviewed':
      return `${data.id} ${data.verdict}: ${data.note}`;
    case 'incident.opened':
      return `${data.incident.title} in ${data.incident.environments.join(', ')}`;
    case 'incident.closed':
      return `${data.id}: ${data.note}`;
    case 'freeze.overridden':
      return `${data.subject.kind} ${short(data.subject.hash)}: ${data.reason}`;
    case 'credential.set':
    case 'credential.removed':
    case 'credential.sealed':
    case 'credential.opened':
    case 'credential.share-given':
      return data.name;
    case 'vault.problem':
      return data.what;
    case 'head.countersigned':
      return data.heads.map(({ device, sequence }) => `${device.slice(0, 8)} up to ${sequence}`).join(', ');
    case 'anchor.made':
      return `${data.heads.length} chains, ${short(data.digest)}, ${data.place} ${data.where}`;
    case 'entry.redacted':
      return `entry ${data.sequence} of ${data.device.slice(0, 8)}: ${data.reason}`;
    case 'redacted':
      return 'its words were taken away';
    case 'segment.sealed':
      return `entries ${data.from} to ${data.to} of ${data.device.slice(0, 8)} into ${data.file}`;
    case 'chain.quarantined':
      return `entry ${data.sequence} of ${data.device.slice(0, 8)} ${data.what}`;
    case 'notify.sent':
      return `${data.event} to ${data.target}${data.ok ? '' : `: ${data.detail ?? 'failed'}`}`;
    case 'note.added':
      return data.text;
    case 'change.intent':
    case 'change.served':
    case 'change.observed':
    case 'batch.began':
    case 'batch.ended':
      return short(data.hash);
  }
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
