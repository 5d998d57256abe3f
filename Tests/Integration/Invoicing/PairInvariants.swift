import HTTPServer
import PaymentModel
import PostgresClient
import Testing
import TransactionalMessaging

/// What holds after any operation, as statements that answer with what breaks it.
enum PairInvariants {
    static let all: [(rule: String, breaches: @Sendable (OrganisationID) -> SQL)] = [
        ("a debt is paid by its allocations", paid), ("a payment equals its parts", parts),
        ("a debt is credited by its notes and refunds", credited), ("a debt is written off by settlements", writtenOff),
        ("no allocation is more than its payment or its debt", bounded), ("numbers have no gap", gaps),
        ("a client that became another one owns nothing", merged), ("what is told as paid is paid", told),
        ("no debt is paid, credited and written off beyond itself", exhausted),
        ("a quote is what its invoice bills and what it deducts of each deposit", quoted),
    ]

    @Sendable private static func paid(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation)
            AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE invoice = invoice.id)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation)
            AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE receivable = receivable.id)
        """
    }

    @Sendable private static func parts(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM payment_on_account AS payment WHERE organisation = \(organisation)
            AND (amount <> allocated + unallocated + refunded + charged_back + reversed + archived
                OR allocated <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE payment_on_account = payment.id)
                OR refunded <> (SELECT coalesce(sum(amount), 0) FROM refund
                    WHERE payment_on_account = payment.id AND returned_on IS NULL)
                OR charged_back <> (SELECT coalesce(sum(charged_back), 0) FROM dispute
                    WHERE dispute.payment = payment.payment))
        """
    }

    @Sendable private static func credited(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation)
            AND credited <> (SELECT coalesce(sum(total), 0) FROM credit_note WHERE invoice = invoice.id)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation)
            AND credited <> (SELECT coalesce(sum(amount), 0) FROM receivable_credit WHERE receivable = receivable.id)
        """
    }

    @Sendable private static func writtenOff(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation) AND written_off <> (
            SELECT coalesce(sum(amount), 0) FROM settlement_part JOIN settlement ON settlement.id = settlement
            WHERE invoice = invoice.id AND undone_on IS NULL)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation) AND written_off <> (
            SELECT coalesce(sum(amount), 0) FROM settlement_part JOIN settlement ON settlement.id = settlement
            WHERE receivable = receivable.id AND undone_on IS NULL)
        """
    }

    @Sendable private static func bounded(_ organisation: OrganisationID) -> SQL {
        """
        SELECT payment.id::text FROM payment_on_account AS payment
            JOIN allocation ON allocation.payment_on_account = payment.id
            LEFT JOIN invoice ON invoice.id = allocation.invoice
            LEFT JOIN receivable ON receivable.id = allocation.receivable
        WHERE payment.organisation = \(organisation) AND (allocation.amount > payment.amount
            OR allocation.amount > coalesce(invoice.total, receivable.amount)
            OR allocation.amount > 0 AND payment.client <> coalesce(invoice.client, receivable.client))
        """
    }

    @Sendable private static func exhausted(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice
        WHERE organisation = \(organisation) AND (paid + credited + written_off > total
            OR total < (SELECT sum(amount) FROM allocation WHERE invoice = invoice.id))
        UNION ALL
        SELECT 'receivable ' || id FROM receivable
        WHERE organisation = \(organisation) AND (paid + credited + written_off > amount
            OR amount < (SELECT sum(allocation.amount) FROM allocation WHERE receivable = receivable.id))
        UNION ALL
        SELECT 'payment ' || id FROM payment_on_account AS payment
        WHERE organisation = \(organisation)
            AND amount < (SELECT sum(allocation.amount) FROM allocation WHERE payment_on_account = payment.id)
        """
    }

    @Sendable private static func gaps(_ organisation: OrganisationID) -> SQL {
        """
        SELECT left(number, -6) FROM (
            SELECT number FROM invoice WHERE organisation = \(organisation)
            UNION ALL SELECT number FROM credit_note WHERE organisation = \(organisation)
            UNION ALL SELECT receipt_number FROM payment_on_account WHERE organisation = \(organisation)
        ) AS numbered WHERE number IS NOT NULL
        GROUP BY 1 HAVING max(right(number, 6)::int) <> count(*) OR count(DISTINCT number) <> count(*)
        """
    }

    @Sendable private static func merged(_ organisation: OrganisationID) -> SQL {
        """
        SELECT client.id::text FROM client WHERE organisation = \(organisation) AND merged_into IS NOT NULL
            AND (EXISTS (SELECT FROM invoice WHERE invoice.client = client.id)
                OR EXISTS (SELECT FROM receivable WHERE receivable.client = client.id)
                OR EXISTS (SELECT FROM payment_on_account WHERE payment_on_account.client = client.id)
                OR EXISTS (SELECT FROM waiting_payment WHERE waiting_payment.client = client.id))
        """
    }

    @Sendable private static func told(_ organisation: OrganisationID) -> SQL {
        """
        SELECT invoice.id::text FROM invoice WHERE organisation = \(organisation) AND number IS NOT NULL
            AND total = paid AND NOT EXISTS (
                SELECT FROM outbox WHERE subject = invoice.id AND type = 'org.quittance.invoicing.invoice-paid.v1')
        """
    }
    @Sendable private static func quoted(_ organisation: OrganisationID) -> SQL {
        """
        SELECT quote.number FROM quote JOIN invoice ON invoice.id = quote.invoice
        WHERE quote.organisation = \(organisation) AND quote.total <> invoice.total + (
            SELECT coalesce(sum(base + vat), 0) FROM invoice_deduction WHERE invoice_deduction.invoice = invoice.id)
        UNION ALL
        SELECT asked.number FROM invoice AS asked JOIN quote ON quote.id = asked.quote
        WHERE asked.organisation = \(organisation) AND asked.deposit AND quote.invoice IS NOT NULL
            AND asked.credited < asked.total AND NOT EXISTS (
                SELECT FROM invoice_deduction
                WHERE invoice_deduction.invoice = quote.invoice AND invoice_deduction.deposit = asked.id)
        """
    }
}

extension Chain {
    /// Nothing breaks an invariant, nothing is parked, and the totals add up.
    func expectInvariants(_ both: String) async throws {
        for (rule, breaches) in PairInvariants.all {
            let found: [String] = try await bench.askAll(breaches(organisation))
            #expect(found == [], "\(both): \(rule)")
        }
        #expect(try await deadLetters() == 0, "\(both): nothing is parked")
        let totals = try await totals()
        let amount = { (name: String) in totals.cents(name) ?? -1 }
        let settled = amount("paid") + amount("credited") + amount("writtenOff")
        #expect(amount("billed") == settled + amount("due"), "\(both)")
        #expect(amount("received") == amount("paid") + amount("held"), "\(both)")
    }

    /// The statements of all clients close at what is due less credit.
    func expectClosings(of clients: [ClientID], _ both: String) async throws {
        let totals = try await totals()
        var closings: Int64 = 0
        for client in clients {
            let statement = try await call(
                .get, "/v1/clients/\(client)/statement?from=2000-01-01&to=2099-12-31")
            // Of who was forgotten nobody sees one, and what is told of old money later is still kept.
            if statement.status == 410 {
                closings += try await left(of: client)
            } else {
                closings += statement.json.cents("closing") ?? 0
            }
        }
        #expect(
            closings == (totals.cents("due") ?? -1) - (totals.cents("held") ?? -1),
            "\(both): statements close at what is due less credit")
    }

    /// What somebody owes less what is held, by the rows.
    private func left(of client: ClientID) async throws -> Int64 {
        try await bench.ask(
            """
            SELECT ((SELECT coalesce(sum(total - paid - credited - written_off), 0) FROM invoice
                    WHERE client = \(client) AND number IS NOT NULL)
                + (SELECT coalesce(sum(amount - paid - credited - written_off), 0) FROM receivable
                    WHERE client = \(client))
                - (SELECT coalesce(sum(unallocated), 0) FROM payment_on_account WHERE client = \(client)))::bigint
            """)
    }
}
