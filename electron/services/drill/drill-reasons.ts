// Why a drill is not done now, and what is to be said beside its prediction. Pure.
// A drill begins on a healthy cluster alone: on an ill one nobody could tell what it has done.
import type { DrillPrediction, DrillTarget, LocalText } from '../../../api/console/index.ts';
import { quorumRefusal } from '../day-two/quorum-guard.ts';
import { isFollowed, servicesLost } from './concerned.ts';
import type { DrillFacts } from './facts.ts';

/** Machines say that they are well every ten seconds, and are looked at every five: a limit is known no better. */
const limitIsVagueSeconds = 15;
const mirror = 'kubernetes.io/config.mirror';

/** Empty when the drill may begin. */
export function drillRefusals(facts: DrillFacts): LocalText[] {
  const { target } = facts;
  return [...illness(facts), ...(target.kind === 'pod' ? podRefusals(facts) : machineRefusals(facts, target))];
}

function illness({ apiReady, failing, nodes, members }: DrillFacts): LocalText[] {
  const found: LocalText[] = [];
  if (!apiReady) {
    const what = failing.join(', ') || 'readyz';
    found.push({
      en: `The API server does not call itself ready (${what}).`,
      'zh-CN': `API 服务器未就绪（${what}）。`,
    });
  }
  const silent = nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name);
  if (silent.length > 0) {
    found.push({
      en: `Not every machine is ready: ${silent.join(', ')}.`,
      'zh-CN': `并非所有机器都已就绪：${silent.join('、')}。`,
    });
  }
  const lost = members.filter(({ healthy }) => !healthy).map(({ name }) => name);
  if (lost.length > 0) {
    found.push({
      en: `Not every member of etcd works: ${lost.join(', ')}.`,
      'zh-CN': `并非所有 etcd 成员都在工作：${lost.join('、')}。`,
    });
  }
  return found;
}

function podRefusals({ pods: [pod] }: DrillFacts): LocalText[] {
  if (pod?.metadata.deletionTimestamp !== undefined)
    return [{ en: 'The pod is being deleted already.', 'zh-CN': '该 Pod 正在被删除。' }];
  if (pod?.spec.nodeName === undefined || pod.spec.nodeName === '')
    return [{ en: 'The pod runs on no machine yet.', 'zh-CN': '该 Pod 尚未在任何机器上运行。' }];
  if (pod.metadata.annotations?.[mirror] === undefined) return [];
  return [
    {
      en: 'A file on its machine makes this pod: deleting it here would break nothing.',
      'zh-CN': '该 Pod 由其所在机器上的文件创建：在此删除不会造成任何故障。',
    },
  ];
}

function machineRefusals(facts: DrillFacts, target: Exclude<DrillTarget, { kind: 'pod' }>): LocalText[] {
  const machine = facts.spec?.machines.find(({ name }) => name === target.machine);
  if (machine === undefined) {
    return [
      {
        en: `${target.machine} was not built with this console, so it cannot be logged in to.`,
        'zh-CN': `${target.machine} 不是由此控制台构建的，因此无法登录。`,
      },
    ];
  }
  const isMaster = machine.role !== 'node';
  if (target.kind === 'master' && !isMaster) {
    return [{ en: `${target.machine} runs no control plane.`, 'zh-CN': `${target.machine} 未运行控制平面。` }];
  }
  if (target.kind === 'link' && facts.nodes.length < 2) {
    return [{ en: 'There is no other machine to be cut off from.', 'zh-CN': '没有其他机器可供切断。' }];
  }
  const masters = facts.spec?.machines.filter(({ role }) => role !== 'node').length ?? 0;
  if (target.kind !== 'agent' && isMaster && masters === 1) {
    return [
      {
        en: `${target.machine} is the only machine with a control plane: without it nothing can be asked or changed.`,
        'zh-CN': `${target.machine} 是唯一运行控制平面的机器：没有它将无法查询或更改任何内容。`,
      },
    ];
  }
  const quorum = target.kind === 'agent' ? undefined : breaksQuorum(facts, target.machine, isMaster);
  return quorum === undefined ? [] : [quorum];
}

/** A master whose members are not known is not touched: the quorum could not be judged. */
function breaksQuorum({ members }: DrillFacts, machine: string, isMaster: boolean): LocalText | undefined {
  if (isMaster && members.length === 0) {
    return {
      en: 'The API server does not say which members keep the cluster’s state, so the quorum cannot be judged.',
      'zh-CN': 'API 服务器未报告保存集群状态的成员，因此无法判断法定人数。',
    };
  }
  return quorumRefusal(members, machine, members.length === 1 ? 'leaves' : 'away');
}

/** What is to be known beside the prediction. */
export function drillWarnings(facts: DrillFacts, prediction: DrillPrediction): LocalText[] {
  const { target, holdSeconds } = facts;
  const { noticedAfterSeconds: noticed, leaveAfterSeconds: leave } = prediction;
  const warnings: LocalText[] = [];
  const left = facts.pods.filter((pod) => !isFollowed(pod)).length;
  if (left > 0) {
    warnings.push({
      en: `${left} of the pods concerned do not work even now, or belong to a Job; they are left out of the comparison.`,
      'zh-CN': `相关 Pod 中有 ${left} 个目前就未正常工作或属于 Job，对比时不计入。`,
    });
  }
  if (target.kind === 'pod' && left > 0) return warnings;
  const limits = target.kind === 'pod' ? [] : [noticed, leave];
  for (const limit of new Set(limits)) {
    if (limit === undefined || Math.abs(limit - holdSeconds) > limitIsVagueSeconds) continue;
    warnings.push({
      en: `The cluster acts after about ${limit} s, give or take ${limitIsVagueSeconds}: with ${holdSeconds} s either may happen. Choose less than ${Math.max(5, limit - limitIsVagueSeconds)} s or more than ${limit + limitIsVagueSeconds} s for a sure prediction.`,
      'zh-CN': `集群约在 ${limit} 秒（误差约 ${limitIsVagueSeconds} 秒）后作出反应：时长为 ${holdSeconds} 秒时两种结果都可能出现。若要可靠预测，请选择少于 ${Math.max(5, limit - limitIsVagueSeconds)} 秒或多于 ${limit + limitIsVagueSeconds} 秒。`,
    });
  }
  const services = target.kind === 'link' && noticed !== undefined && noticed >= holdSeconds ? servicesLost(facts) : [];
  if (services.length > 0) {
    warnings.push({
      en: `Other machines cannot reach these Services meanwhile, though the API does not notice: ${services.join(', ')}.`,
      'zh-CN': `在此期间其他机器无法访问以下 Service，而 API 不会察觉：${services.join('、')}。`,
    });
  }
  if (facts.rehearsal === undefined) {
    warnings.push({
      en: 'This cluster cannot rehearse, so it is not said where pods go.',
      'zh-CN': '此集群无法预演，因此无法预测 Pod 的去向。',
    });
  }
  return warnings;
}

function isReady({ status }: DrillFacts['nodes'][number]): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}
