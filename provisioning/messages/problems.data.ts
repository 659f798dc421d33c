// What is wrong with a file that an administrator gives, each with its place. [English, Simplified Chinese]
export const problemMessages = {
  'problem.field': ['{place}: {problem}', '{place}：{problem}'],
  'problem.noMaster': [
    'machines: at least one machine must have role master or both',
    'machines：至少一台机器的角色须为 master 或 both',
  ],
  'problem.evenMasters': [
    'machines: {count} masters; an even number keeps no better quorum than one less: use {less} or {more}',
    'machines：{count} 个主节点；偶数个的法定人数并不比少一个更可靠：请用 {less} 或 {more} 个',
  ],
  'problem.manyMasters': ['machines: {count} masters; use 1, 3 or 5', 'machines：{count} 个主节点；请用 1、3 或 5 个'],
  'problem.twice': ['{place}: "{value}" is also that of {first}', '{place}：“{value}” 与 {first} 重复'],
  'problem.notNetwork': [
    '{place}: "{value}" is not an IPv4 network in CIDR form',
    '{place}：“{value}” 不是 CIDR 形式的 IPv4 网段',
  ],
  'problem.podRangeSmall': [
    'podCidr: /{prefix} is too small: every machine takes a /24; use /16',
    'podCidr：/{prefix} 太小：每台机器占用一个 /24；请用 /16',
  ],
  'problem.podRangeFew': [
    'podCidr: {range} has fewer /24 than there are machines',
    'podCidr：{range} 中的 /24 少于机器数',
  ],
  'problem.serviceRangeSize': [
    'serviceCidr: use a network between /12 and /24, not /{prefix}',
    'serviceCidr：网段须在 /12 与 /24 之间，而非 /{prefix}',
  ],
  'problem.overlap': [
    'podCidr {pods} and serviceCidr {services} overlap',
    'podCidr {pods} 与 serviceCidr {services} 重叠',
  ],
  'problem.virtualIsMachine': [
    'settings.virtualAddress: {address} is the address of {machine}',
    'settings.virtualAddress：{address} 是 {machine} 的地址',
  ],
  'problem.insideRange': ['{place}: {address} lies inside {range}', '{place}：{address} 位于 {range} 之内'],
  'problem.noCertificate': ['{place}: holds no certificate in PEM form', '{place}：不含 PEM 格式的证书'],
  'problem.noAuthority': [
    '{place}: {subject} is not an authority (CA:TRUE)',
    '{place}：{subject} 不是证书颁发机构（CA:TRUE）',
  ],
  'problem.ended': ['{place}: {subject} ended on {date}', '{place}：{subject} 已于 {date} 过期'],
  'problem.noKey': [
    '{place}: holds no private key in PEM form that needs no passphrase',
    '{place}：不含无需口令的 PEM 格式私钥',
  ],
  'problem.otherKey': ['{place}: is not the key of {other}', '{place}：与 {other} 不配对'],
  'problem.unreadable': ['{place}: {reason}', '{place}：{reason}'],
  'problem.bridgeAndNetwork': [
    'hypervisor: give bridge or network, not both',
    'hypervisor：bridge 与 network 只能给出其一',
  ],
  'problem.notAddress': [
    '{place}: "{value}" is not an IPv4 address with its prefix, as 10.0.0.11/24',
    '{place}：“{value}” 不是带前缀的 IPv4 地址（如 10.0.0.11/24）',
  ],
  'problem.gatewayOutside': [
    '{place}: the gateway {gateway} is not in the network of {value}',
    '{place}：网关 {gateway} 不在 {value} 的网段内',
  ],
  'problem.noImage': [
    '{place}: no image is given, neither here nor for all',
    '{place}：未指定镜像（此处与全局均未指定）',
  ],
  'problem.changedAfterSigning': ['it was changed after it was signed', '签名后被改动过'],
  'word.file': ['file', '文件'],
  'word.dnsLabel': ['must be a DNS label (a-z, 0-9, -)', '须为 DNS 标签（a-z、0-9、-）'],
  'word.dnsName': ['must be a DNS name', '须为 DNS 名称'],
  'word.address': ['must be an address or host name', '须为地址或主机名'],
  'word.userName': ['must be a user name', '须为用户名'],
  'word.openUrl': ['must be an http(s) URL without user and password', '须为不含用户名和密码的 http(s) URL'],
  'word.hostPattern': ['must be a host name, .domain, address or network', '须为主机名、.域名、地址或网段'],
  'word.etcdEndpoint': ['must be a URL like https://192.0.2.31:2379', '须为形如 https://192.0.2.31:2379 的 URL'],
  'word.etcdTwice': ['names one endpoint twice', '同一端点出现两次'],
} as const satisfies Record<string, readonly [string, string]>;
