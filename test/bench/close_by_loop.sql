-- The same work as one would write it at first: a loop over the usage lines, the rules looked up for each, each line rounded.
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.line (partner_id text, account_id text, service_id text, sku_id text, charge_category text, currency text, gross numeric, grant_credit numeric,
                         other_credit numeric, bonus numeric, PRIMARY KEY (partner_id, account_id, service_id, sku_id, charge_category, currency));
CREATE FUNCTION bench.close_by_loop(partner text, month date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    u     record;
    own   text := (SELECT billing_account_id FROM partner p WHERE p.partner_id = partner AND p.superseded_at = 'infinity');
    rate  numeric;
    terms program_terms;
    extra numeric;
    lines bigint := 0;
BEGIN
    FOR u IN SELECT * FROM usage x WHERE x.partner_id = partner AND x.usage_day >= month AND x.usage_day < month + interval '1 month' LOOP
        rate := 0;
        IF u.account_id <> own THEN
            PERFORM FROM subaccount_link l WHERE l.partner_id = partner AND l.account_id = u.account_id AND l.validity @> u.usage_day AND l.superseded_at = 'infinity';
            IF FOUND THEN
                PERFORM FROM partner_status s WHERE s.partner_id = partner AND s.status = 'active' AND s.validity @> u.usage_day AND s.superseded_at = 'infinity';
                IF FOUND THEN
                    SELECT t.* INTO terms FROM partner_program pp JOIN program_terms t ON t.program_id = pp.program_id AND t.superseded_at = 'infinity'
                    WHERE pp.partner_id = partner AND pp.validity @> u.usage_day AND t.validity @> u.usage_day AND t.currency = u.currency AND pp.superseded_at = 'infinity';
                    PERFORM FROM exclusion e WHERE e.program_id = terms.program_id AND e.service_id = u.service_id AND e.validity @> u.usage_day AND e.superseded_at = 'infinity';
                    IF NOT FOUND THEN
                        SELECT d.rate INTO extra FROM deal d JOIN subaccount_link l ON l.link_id = d.link_id AND l.superseded_at = 'infinity'
                        WHERE l.account_id = u.account_id AND d.validity @> u.usage_day AND d.superseded_at = 'infinity';
                        rate := least(terms.base_rate + least(coalesce(extra, 0), terms.deal_cap), terms.total_cap);
                    END IF;
                END IF;
            END IF;
        END IF;
        INSERT INTO bench.line AS b VALUES (partner, u.account_id, u.service_id, u.sku_id, u.charge_category, u.currency, u.cost, u.grant_credit, u.other_credit,
                                            round((u.cost + u.credit) * rate, 2))
        ON CONFLICT (partner_id, account_id, service_id, sku_id, charge_category, currency) DO UPDATE
        SET gross = b.gross + EXCLUDED.gross, grant_credit = b.grant_credit + EXCLUDED.grant_credit, other_credit = b.other_credit + EXCLUDED.other_credit,
            bonus = b.bonus + EXCLUDED.bonus;
        lines := lines + 1;
    END LOOP;
    RETURN lines;
END
$$;
