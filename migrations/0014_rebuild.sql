-- What follows from the raw events can be dropped and made again; the ledger itself is only ever added to.

grant delete on payment_names to command_center_tenant;
grant delete on payment_facts to command_center_tenant;
grant delete on subscription_facts to command_center_tenant;
grant delete on pricing_terms to command_center_tenant;
grant delete on stripe_customers to command_center_tenant;
grant delete on attribution_clues to command_center_tenant;
grant delete on dunning_facts to command_center_tenant;
