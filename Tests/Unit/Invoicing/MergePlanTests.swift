import InvoicingDomain
import PaymentModel
import Testing

/// INV-1: two clients that are one person, and a number that changes hands.
@Suite struct `A merge of two clients` {
    private let phones = ["+33612345678", "+33751234567", "+262692123456"].map { Phone(e164: $0) } + [nil, nil]
    private let emails = ["ada@example.org", "a.martin@example.org"].map { EmailAddress($0) } + [nil, nil]

    @Test func `INV-1: loses no number and no address, and what stays comes first`() {
        for (phone, other) in phones.flatMap({ one in phones.map { (one, $0) } }) where phone == nil || phone != other {
            for (email, another) in emails.flatMap({ one in emails.map { (one, $0) } }) {
                let (merged, staying) = (Reach(phone: phone, email: email), Reach(phone: other, email: another))
                let plan = MergePlan(merged, into: staying)
                #expect(plan.kept.phone == other ?? phone && plan.kept.email == another ?? email)
                let (kept, left) = (plan.kept, plan.left)
                #expect(Set([kept.phone, left?.phone].compactMap(\.self)) == Set([phone, other].compactMap(\.self)))
                #expect(Set([kept.email, left?.email].compactMap(\.self)) == Set([email, another].compactMap(\.self)))
                #expect(left == nil || left?.phone != nil || left?.email != nil, "somebody who can be reached")
            }
        }
    }

    @Test(arguments: [("+33692123456", "+262692123456"), ("+33508412345", "+508412345")])
    func `INV-1: of a number that is kept in two ways has the one it is read in, whoever stays`(
        before: String, now: String
    ) {
        let (old, new) = (Reach(phone: Phone(e164: before), email: nil), Reach(phone: Phone(e164: now), email: nil))
        for (merged, staying) in [(old, new), (new, old), (new, new)] {
            let plan = MergePlan(merged, into: staying)
            #expect(plan.kept == new && plan.left == nil)
        }
        #expect(MergePlan(old, into: old).kept == old, "somebody else may have the other")
    }

    @Test func `INV-1: a number moves to a client without one, or over one that may go`() throws {
        let (phone, other) = (phones[0], phones[1])
        #expect(try PhoneMove(from: phone, to: nil, replacing: false).phone == phone)
        #expect(try PhoneMove(from: phone, to: other, replacing: true).phone == phone)
        #expect(throws: PhoneMoveRejection.self) { try PhoneMove(from: phone, to: other, replacing: false) }
        #expect(throws: PhoneMoveRejection.noPhone) { try PhoneMove(from: nil, to: other, replacing: true) }
    }
}

/// GEN-7: forgetting a client.
@Suite struct `What is found of a client` {
    private func findings(
        due: Int64 = 0, held: Int64 = 0, waiting: Int64 = 0, deposits: Int64 = 0, disputed: Int64 = 0
    ) -> ErasureFindings {
        ErasureFindings(
            obstacles: ErasureObstacle.all(
                due: .euros(cents: due), held: .euros(cents: held), waiting: waiting, deposits: deposits,
                disputed: .euros(cents: disputed)),
            removed: .init(
                contacts: 0, billingDetails: 0, tillNotes: 0, auditEntries: 0, savedAnswers: 0, drafts: 0, quotes: 0),
            kept: .init(invoices: 1, creditNotes: 0, payments: 0, lastDocumentOn: LocalDate("2026-02-28")),
            alike: [])
    }

    @Test func `GEN-7: lets nobody be forgotten while money is owed, held or waits`() {
        #expect(findings().obstacles.isEmpty)
        #expect(findings(due: 1).obstacles == [.owes(.euros(cents: 1))])
        #expect(findings(held: 2, waiting: 3).obstacles == [.holds(.euros(cents: 2)), .paymentsWait(3)])
        #expect(findings(deposits: 1).obstacles == [.depositsPaid(1)])
        #expect(findings(disputed: 1).obstacles == [.disputed(.euros(cents: 1))])
    }

    @Test func `GEN-7: is kept as documents for ten years after the year of the last one`() {
        #expect(findings().kept.until == LocalDate("2036-12-31"))
        let nothing = ErasureFindings.Kept(invoices: 0, creditNotes: 0, payments: 0, lastDocumentOn: nil)
        #expect(nothing.until == nil)
    }
}
