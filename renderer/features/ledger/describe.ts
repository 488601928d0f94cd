import type { EntryData } from '../../../shared/model/entry.ts';
import { markCode, markStrong } from '../../kit/marks.ts';
import type { Tint } from '../../kit/tint.ts';
import type { Translate } from '../../messages/index.ts';
import { type Names, short } from './names.ts';

/** One entry in the operator's language (H2): words with marks for what stands out, and what became of it. */
export interface EntryWords {
  readonly text: string;
  readonly result: { readonly tint: Tint; readonly text: string } | null;
}

const CHANGE_TINT = {
  accepted: 'green',
  conflict: 'amber',
  failed: 'amber',
  refused: 'amber',
  'approval-required': 'blue',
  'not-applied': 'neutral',
} as const satisfies Record<string, Tint>;

const VERDICT_TINT = {
  watching: 'blue',
  recovered: 'green',
  'not-recovered': 'red',
  'cannot-tell': 'grey',
} as const satisfies Record<string, Tint>;

const PROVIDER_TINT = {
  waiting: 'blue',
  approved: 'green',
  applied: 'green',
  refused: 'amber',
  failed: 'amber',
} as const satisfies Record<string, Tint>;

/** `by`: the person who signed the entry, who stands before the sentence already. */
export function describeEntry(t: Translate, data: EntryData, names: Names, by: string | null = null): EntryWords {
  const say = (text: string, result: EntryWords['result'] = null): EntryWords => ({ text, result });
  const share = (percentage: number | null) => (percentage === null ? t('ledger.unknown') : `${percentage} %`);
  const person = (operator: string) => markStrong(names.person(operator));
  const whose = (operator: string) => ({ person: person(operator), self: operator === by ? 'yes' : 'no' });
  const change = (hash: string) => {
    const known = names.change(hash);
    if (known === null) return t('ledger.changeHash', { hash: markCode(short(hash)) });
    return t('ledger.changeOf', { flag: markCode(known.flag), environment: known.environment });
  };
  const incident = (id: string) => names.incident(id) ?? markCode(short(id));

  switch (data.kind) {
    case 'device.created':
      return say(t('ledger.device.created'));
    case 'console.started':
      return say(t('ledger.console.started', { host: data.host, version: data.version }));
    case 'config.loaded':
      return say(t('ledger.config.loaded', { source: markCode(data.source) }));
    case 'flag.seen-changed': {
      const { subject, environment, fromPercentage, toPercentage, by: who } = data.marker;
      const [from, to] = [share(fromPercentage), share(toPercentage)];
      const params = { flag: markCode(subject), environment, from, to };
      if (who === null) return say(t('ledger.flag.seen-changed', params));
      return say(t('ledger.flag.seen-changed.by', { ...params, who: markStrong(who) }));
    }
    case 'change.proposed': {
      const { action, flag, environment } = data.change.payload;
      return say(t(`ledger.change.proposed.${action}`, { flag: markCode(flag), environment }));
    }
    case 'change.intent':
      return say(
        t(data.breakGlass === undefined ? 'ledger.change.intent' : 'ledger.change.intent.breakGlass', {
          change: change(data.hash),
        }),
      );
    case 'change.result': {
      const text = t(data.reconciled ? 'ledger.change.result.reconciled' : 'ledger.change.result', {
        change: change(data.hash),
      });
      const result = { tint: CHANGE_TINT[data.outcome], text: t(`ledger.outcome.${data.outcome}`) };
      return say(data.detail === null ? text : `${text}: ${data.detail}`, result);
    }
    case 'change.served':
      return say(t('ledger.change.served', { change: change(data.hash) }));
    case 'change.observed':
      return say(t('ledger.change.observed', { change: change(data.hash), count: data.observations.length }));
    case 'change.recovery': {
      const { sli, verdict } = data.recovery;
      return say(t('ledger.change.recovery', { change: change(data.hash), sli }), {
        tint: VERDICT_TINT[verdict],
        text: t(`ledger.verdict.${verdict}`),
      });
    }
    case 'change.provider-approval': {
      const text = t('ledger.change.provider-approval', { change: change(data.hash), id: markCode(data.id) });
      const result = { tint: PROVIDER_TINT[data.status], text: t(`ledger.provider.${data.status}`) };
      return say(data.detail === null ? text : `${text}: ${data.detail}`, result);
    }
    case 'batch.proposed': {
      const { name, environment, changes } = data.batch;
      return say(t('ledger.batch.proposed', { name: markStrong(name), environment, count: changes.length }));
    }
    case 'batch.began':
    case 'batch.ended':
      return say(t(`ledger.${data.kind}`, { change: change(data.hash) }));
    case 'drift.began':
      return say(
        t('ledger.drift.began', { flag: markCode(data.flag), environment: data.environment, detail: data.detail }),
      );
    case 'drift.ended':
      return say(t('ledger.drift.ended', { flag: markCode(data.flag), environment: data.environment }));
    case 'breach.began':
      return say(
        t('ledger.breach.began', { sli: markStrong(data.sli), value: data.value, objective: data.objective }),
        {
          tint: 'red',
          text: t('ledger.breach'),
        },
      );
    case 'breach.ended':
      return say(t('ledger.breach.ended', { sli: markStrong(data.sli), value: data.value }), {
        tint: 'green',
        text: t('ledger.breach.over'),
      });

    case 'operator.unlocked':
      return say(t('ledger.operator.unlocked', { ...whose(data.operator), how: t(`ledger.how.${data.how}`) }));
    case 'operator.locked':
      return say(t('ledger.operator.locked', { ...whose(data.operator), why: t(`ledger.why.${data.why}`) }));
    case 'operator.unlock-failed':
      return say(t('ledger.operator.unlock-failed', { person: person(data.operator) }), {
        tint: 'amber',
        text: t('ledger.outcome.refused'),
      });
    case 'operator.enrolled':
      return say(t('ledger.operator.enrolled', whose(data.operator)));
    case 'operator.removed':
      return say(t('ledger.operator.removed', { person: person(data.operator) }));
    case 'roster.pinned':
      return say(t('ledger.roster.pinned', { person: person(data.signedBy.operator) }));
    case 'roster.accepted': {
      const { version, signedBy, operators } = data.roster.body;
      return say(t('ledger.roster.accepted', { version, person: person(signedBy.operator), count: operators.length }));
    }
    case 'roster.refused':
      return say(t('ledger.roster.refused', { version: data.version, why: data.why }), {
        tint: 'amber',
        text: t('ledger.outcome.refused'),
      });

    case 'approval.requested': {
      const { subject, requester } = data.request.body;
      return say(t('ledger.approval.requested', { change: change(subject.hash), ...whose(requester.operator) }));
    }
    case 'approval.decided': {
      const { subject, decision, reason, by: who } = data.decision.body;
      const text = t('ledger.approval.decided', { change: change(subject.hash), ...whose(who.operator) });
      const result = {
        tint: decision === 'approve' ? ('green' as const) : ('amber' as const),
        text: t(`ledger.decision.${decision}`),
      };
      return say(reason === '' ? text : `${text}: ${reason}`, result);
    }
    case 'approval.imported':
      return say(t(data.decision === null ? 'ledger.approval.imported.request' : 'ledger.approval.imported.decision'));
    case 'approval.ended':
      return say(t('ledger.approval.ended', { change: change(data.subject.hash), why: data.why }), {
        tint: 'neutral',
        text: t(`ledger.end.${data.end}`),
      });

    case 'breakglass.opened': {
      const { environment, reason, operator } = data.glass;
      return say(t('ledger.breakglass.opened', { environment, reason, ...whose(operator) }), {
        tint: 'amber',
        text: t('ledger.alone'),
      });
    }
    case 'breakglass.ended':
      return say(t('ledger.breakglass.ended'));
    case 'breakglass.reviewed': {
      const text = t('ledger.breakglass.reviewed');
      return say(data.note === '' ? text : `${text}: ${data.note}`, {
        tint: data.verdict === 'accepted' ? 'green' : 'amber',
        text: t(`ledger.review.${data.verdict}`),
      });
    }
    case 'incident.opened': {
      const { title, services, environments } = data.incident;
      return say(
        t('ledger.incident.opened', {
          title: markStrong(title),
          environments: environments.join(', '),
          services: services.length === 0 ? t('ledger.everyService') : services.join(', '),
        }),
      );
    }
    case 'incident.closed': {
      const text = t('ledger.incident.closed', { title: markStrong(incident(data.id)) });
      return say(data.note === '' ? text : `${text}: ${data.note}`);
    }
    case 'freeze.overridden':
      return say(t('ledger.freeze.overridden', { change: change(data.subject.hash), reason: data.reason }));
    case 'note.added':
      return say(t('ledger.note.added', { text: data.text }));

    case 'credential.set':
    case 'credential.removed':
      return say(t(`ledger.${data.kind}`, { name: markCode(data.name) }));
    case 'credential.sealed':
      return say(
        t('ledger.credential.sealed', {
          name: markCode(data.name),
          holders: data.holders.map(names.person).join(', '),
        }),
      );
    case 'credential.share-given':
      return say(t('ledger.credential.share-given', { name: markCode(data.name), person: person(data.to.operator) }));
    case 'credential.opened':
      return say(
        t('ledger.credential.opened', {
          name: markCode(data.name),
          people: data.by.map(({ operator }) => names.person(operator)).join(', '),
        }),
      );
    case 'vault.problem':
      return say(t('ledger.vault.problem', { what: data.what }), { tint: 'amber', text: t('ledger.problem') });

    case 'head.countersigned':
      return say(t('ledger.head.countersigned', { count: data.heads.length }));
    case 'anchor.made':
      return say(t(`ledger.anchor.made.${data.place}`, { where: data.where, digest: markCode(short(data.digest)) }));
    case 'entry.redacted':
      return say(
        t('ledger.entry.redacted', {
          sequence: data.sequence,
          console: names.console(data.device),
          reason: data.reason,
        }),
      );
    case 'redacted':
      return say(t('ledger.redacted'));
    case 'segment.sealed':
      return say(
        t('ledger.segment.sealed', {
          from: data.from,
          to: data.to,
          console: names.console(data.device),
          file: markCode(data.file),
        }),
      );
    case 'chain.quarantined':
      return say(
        t('ledger.chain.quarantined', {
          sequence: data.sequence,
          console: names.console(data.device),
          what: data.what,
        }),
        { tint: 'amber', text: t('ledger.setAside') },
      );
    case 'notify.sent':
      return say(
        t('ledger.notify.sent', { target: markStrong(data.target), event: t(`notify.event.${data.event}`) }),
        data.ok
          ? { tint: 'green', text: t('ledger.sent') }
          : { tint: 'amber', text: data.detail ?? t('ledger.notSent') },
      );
  }
}
