/** What can be imported. */
export const IMPORT_KINDS = ['members', 'articles', 'staff', 'stores', 'tags'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** One field of a kind and the names under which exports know it, in either language. */
export interface ImportField {
  readonly field: string;
  readonly names: readonly string[];
  /** Several columns (卡号1, 卡号2) and several values in a cell. */
  readonly list?: true;
  /** Without a column of this field the file cannot be of this kind. */
  readonly required?: true;
}

const field = (name: string, ...names: string[]): ImportField => ({ field: name, names });
const needed = (name: string, ...names: string[]): ImportField => ({
  field: name,
  names,
  required: true,
});
const list = (name: string, ...names: string[]): ImportField => ({
  field: name,
  names,
  list: true,
});

const NAME_ZH = ['中文名', '中文名称', 'name zh'];
const NAME_EN = ['英文名', '英文名称', 'name en', 'english name'];

/** The columns that each kind understands; all others are left out and named once. */
export const IMPORT_FIELDS: Readonly<Record<ImportKind, readonly ImportField[]>> = {
  members: [
    needed('memberId', '会员号', '会员编号', '会员ID', '会员', 'member', 'id'),
    field('name', '姓名', '会员姓名', '名字', '会员名称', 'full name', 'member name'),
    field('phone', '手机', '手机号', '手机号码', '电话', '联系电话', 'mobile', 'phone number'),
    list('cards', '卡号', '会员卡号', '会员卡', '实体卡号', 'card', 'card number', 'card no'),
    field('gsrn', 'GS1会员码', '服务关系号'),
    field('tier', '等级', '会员等级', '级别', '会员级别', 'level', 'member tier'),
    list('groups', '分组', '会员分组', '群组', 'group'),
    list('tags', '标签', '会员标签', 'tag'),
    field('status', '状态', '会员状态', 'member status'),
    field('mergedInto', '合并至', '合并到', '合并到会员号'),
    field('validUntil', '有效期', '有效期至', '会员有效期', '到期日', 'expires on', 'valid to'),
    field('birthday', '生日', '出生日期', '会员生日', 'date of birth', 'birth date', 'dob'),
    field(
      'homeStoreId',
      '门店',
      '门店编号',
      '归属门店',
      '所属门店',
      '开卡门店',
      'home store',
      'store',
      'store id',
    ),
    field('completedOrders', '订单数', '消费次数', '累计订单数', 'orders'),
    field('yearSpend', '年消费', '年消费额', '本年消费', '本年消费额'),
    field('yearSpendMinor', '年消费分', '年消费额分'),
    list('entitlements', '权益', '会员权益', 'entitlement'),
    field('points', '积分', '积分余额', '可用积分', '当前积分', 'points balance'),
    field('pointsExpiresOn', '积分有效期', '积分到期日', 'points expire on'),
    field(
      'updatedAt',
      '更新时间',
      '修改时间',
      '最后更新',
      '最后修改时间',
      'updated',
      'last modified',
    ),
  ],
  articles: [
    needed('sku', '商品编码', '商品编号', '货号', '编码', 'article', 'article number', 'item'),
    field('gtin', '条码', '商品条码', '国际条码', '69码', 'barcode', 'ean'),
    field('name', '商品名称', '品名', '名称', '商品', 'article name', 'description'),
    field('nameZh', ...NAME_ZH),
    field('nameEn', ...NAME_EN),
    field('category', '类别', '分类', '品类', '商品分类'),
    field('price', '价格', '售价', '零售价', '单价', 'retail price', 'unit price'),
    field('priceMinor', '价格分', '售价分'),
    field('minUnitPrice', '最低价', '底价', '最低售价', 'min price', 'floor price'),
    field('minUnitPriceMinor', '最低价分', '底价分'),
    list('attributes', '属性', '商品属性', 'attribute'),
  ],
  staff: [
    needed('staffId', '工号', '员工编号', '员工号', 'staff', 'employee', 'employee id', 'id'),
    field('name', '姓名', '员工姓名', 'full name'),
    field('role', '角色', '岗位', '职务'),
    field('pin', '密码', '员工密码', 'PIN码'),
    field('active', '在职', '启用', '有效'),
    list('stores', '门店', '门店编号', '所属门店', 'store', 'store id', 'store ids', 'storeIds'),
  ],
  stores: [
    needed('storeId', '门店编号', '门店号', '店号', 'store', 'id'),
    field('name', '门店名称', '店名', '名称', 'store name'),
    field('nameZh', ...NAME_ZH),
    field('nameEn', ...NAME_EN),
    field('storeTier', '门店等级', '等级', '店级', 'tier'),
    field('timeZone', '时区'),
    field('currency', '币种', '货币'),
    field('dayEndsAt', '日结时间', '营业日截止', 'day ends at minute', 'dayEndsAtMinute'),
  ],
  tags: [
    needed('tag', '标签', '标签编号', '标签ID', 'tag id', 'id'),
    field('name', '标签名称', '名称', 'tag name'),
    field('nameZh', ...NAME_ZH),
    field('nameEn', ...NAME_EN),
  ],
};
