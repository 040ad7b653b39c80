import { Modal } from '@mantine/core';
import { useMemo } from 'react';
import type { SaleId } from '../../../agent/contract/index.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { TillClient } from '../link.ts';
import { type ReturnDesk, ReturnDeskContext } from '../returns/return-desk.ts';
import { ReturnFlow } from '../returns/return-flow.tsx';
import { fetchArticleNames } from './article-names.ts';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** Sales that the return flow lists. */
export const RETURN_SALES_SHOWN = 20;

/** Goods come back at the cashier's screen; for an exchange the POS is needed, because it sells. */
export function ReturnDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { link, view } = useTill();
  const format = useFormat();
  const currency = view.status?.currency ?? 'CNY';
  const use = useMemo(
    () => ({ desk: tillDesk(link.client), format, currency }),
    [link, format, currency],
  );
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('returns.title')}
      size={640}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <ReturnDeskContext value={use}>
        <ReturnFlow onClose={props.onClose} />
      </ReturnDeskContext>
    </Modal>
  );
}

/** The till itself as the desk. */
function tillDesk({ pos, screen }: TillClient): ReturnDesk {
  return {
    async recent() {
      const { sales } = await screen.sales.recent({ limit: RETURN_SALES_SHOWN });
      return sales.filter(({ kind }) => kind === 'sale');
    },
    byReceipt: async (referenceId) => (await pos.sales.find({ referenceId })).sales,
    sale: (id) => pos.sales.get({ id: id as SaleId }),
    quote: (request) => pos.returns.quote(request),
    takeBack: (request) => pos.returns.create(request),
    names: (skus) =>
      fetchArticleNames(
        async (query, limit) => (await pos.articles.search({ query, limit })).articles,
        skus,
        new Map(),
      ),
  };
}
