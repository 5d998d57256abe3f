import PostgresClient
import ServiceRuntime

/// What must hold between what invoicing tells of an invoice and what was received for it, each with what finds its
/// breaches.
enum InvoiceInvariants {
    static let all = [paidIsReceived, nothingIsBelowNothing]

    /// The two are told by messages of their own, so only what was told a day ago is held against each other.
    ///
    /// What disputes took is not told as a sum: it is between nothing and all that was lost.
    private static let paidIsReceived = Invariant(
        "what an invoice is paid by was received for it, less what was freed, given back or lost",
        breaches: """
            SELECT organisation, 'invoice ' || number || ' is paid by ' || paid || ', and ' || received || ' is counted'
                AS breach
            FROM (
                SELECT organisation, number, total - credited - written_off - due AS paid,
                    (SELECT coalesce(sum(receipt.amount), 0) FROM vat_receipt AS receipt
                        WHERE receipt.invoice = told.invoice AND receipt.organisation = told.organisation)
                        - freed - refunded AS received,
                    (SELECT coalesce(sum(dispute.amount - given_back), 0)
                        FROM online_receipt AS online JOIN dispute ON dispute.payment = online.payment
                        WHERE outcome = 'lost' AND online.organisation = told.organisation
                            AND online.payment_on_account IN (
                                SELECT receipt.payment FROM vat_receipt AS receipt
                                WHERE receipt.invoice = told.invoice)) AS lost
                FROM invoice_number AS told
                WHERE due IS NOT NULL AND due_told_at < \(aDayAgo) AND NOT EXISTS (
                    SELECT FROM vat_receipt AS receipt
                    WHERE receipt.invoice = told.invoice AND receipt.told_at >= \(aDayAgo))) AS counted
            WHERE received - paid NOT BETWEEN 0 AND lost
            """)

    private static let nothingIsBelowNothing = Invariant(
        "what is due on an invoice, and what was taken off it, is never below nothing",
        breaches: """
            SELECT organisation, 'invoice ' || number || ' has ' || due || ' due of ' || total AS breach
            FROM invoice_number
            WHERE due IS NOT NULL AND (
                least(due, credited, written_off, freed, refunded) < 0 OR due + credited + written_off > total)
            """)

    /// What was told before this has met what is told of the same act by other messages; no zone changes it.
    static let aDayAgo: SQL = "now() - interval '24 hours'"
}
