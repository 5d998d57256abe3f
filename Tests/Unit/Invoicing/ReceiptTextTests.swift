import InvoicingDomain
import PaymentModel
import Testing

/// INV-7: what the hash of a receipt covers.
@Suite struct `The text a receipt is chained by` {
    @Test func `INV-7: covers the receipt before, and what was taken of whom by what, when and by whom`() throws {
        let text = try #require(self.text(of: cheque))
        #expect(text.text.hasPrefix("previous:3:abc\nkind:1:R\nnumber:19:R-LILAS-2026-000001\n"))
        let others = [
            self.text(of: cheque, amount: 1_001), self.text(of: cheque, on: day.adding(days: 1)),
            self.text(of: cheque, client: ClientID(8)), self.text(of: cheque, words: "d"),
            self.text(of: cheque, after: "abd"), self.text(of: note(collectedBy: "Bo")),
            self.text(of: note(tendered: cents(2_000))),
        ]
        #expect(Set(others + [text]).count == 8 && !others.contains(nil))
    }

    @Test func `INV-7: is none for money without a receipt, and stays what it is whatever becomes of that`() throws {
        let online = PaymentOnAccount(
            id: PaymentOnAccountID(1), client: ClientID(1), clinic: nil, method: "alma", payment: PaymentID(1),
            amount: cents(1_000), receivedOn: day)
        #expect(online.chainText(after: "", madeOutTo: ClientID(1), words: nil) == nil)
        var payment = self.payment(cheque, 1_000, on: day)
        let before = payment.chainText(after: "", madeOutTo: ClientID(1), words: nil)
        _ = try payment.reverse(because: .bounced, on: day)
        #expect(before != nil && payment.chainText(after: "", madeOutTo: ClientID(1), words: nil) == before)
    }

    @Test func `GEN-7: words that may have to be forgotten are digested with a salt, each under its name`() throws {
        let words = try #require(cheque.words(salt: "s"))
        #expect(cheque.words(salt: "t") != words, "who knows the words knows no digest of them")
        #expect(note(cheque: Cheque(number: "7", bank: "Luc", drawer: nil)).words(salt: "s") != words)
        let plain = TillNote(
            kind: .card, payer: .anotherClient(ClientID(2)), collectedBy: "Ada", tendered: nil, cheque: nil, notes: nil)
        #expect(plain.words(salt: "s") == nil, "nothing was written")
    }

    private var cheque: TillNote { note() }

    private func note(
        collectedBy: String = "Ada", tendered: Money? = nil,
        cheque: Cheque = Cheque(number: "7", bank: nil, drawer: "Luc")
    ) -> TillNote {
        TillNote(
            kind: .cheque, payer: .theClient, collectedBy: collectedBy, tendered: tendered, cheque: cheque, notes: nil)
    }

    private func payment(_ till: TillNote, _ amount: Int64, on day: LocalDate) -> PaymentOnAccount {
        var payment = PaymentOnAccount(
            id: PaymentOnAccountID(1), client: ClientID(1), clinic: ClinicID(1), method: "cheque",
            amount: cents(amount), receivedOn: day, till: till)
        payment.number("R-LILAS-2026-000001")
        return payment
    }

    private func text(
        of till: TillNote, amount: Int64 = 1_000, on received: LocalDate = day, client: ClientID = ClientID(1),
        words: String? = nil, after previous: String = "abc"
    ) -> ChainText? {
        payment(till, amount, on: received).chainText(after: previous, madeOutTo: client, words: words)
    }
}
