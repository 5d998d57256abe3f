import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-15: a card's number in a text` {
    @Test(arguments: [
        "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "carte 4000.0566.5566.5556 merci",
        "n\u{A0}°\u{A0}12 5555 5555 5555 4444", "3782 822463 10005", "2223003122003222", "6011111111111117",
        "4000002500003155,12/27", "6304 0000 0000 0000 000", "4242/4242/4242/4242", "4242  4242\n4242  4242",
        "4242–4242–4242–4242", "4242_4242_4242_4242", "378282246310005 puce", "FR76 4242 4242 4242 4242",
        "No 4242 4242 4242 4242", "372098100000003", "puce 372820000000001",
    ])
    func `is found, however it is grouped`(text: String) {
        #expect(CardNumber.isWritten(in: text))
    }

    @Test(arguments: [
        "", "Soins vétérinaires", "Facture 2026-000123", "+33 6 12 34 56 78", "SIRET 362 521 879 00034",
        "36252187900034", "FR76 1234 5000 0100 0000 0000 193", "4242 4242 4242 4241", "4242424242424242424242",
        "FR94 3000 4242 4242 4242 4242 456", "FR9430004242424242424242456", "iban be71 0961 2345 6769.",
        "Puce 372098100000003",
        "du 2026-11-20 au 2026-11-27, 4 242,42", "0192f0c1-0000-7000-8000-000000000005",
    ])
    func `is not seen in what is none`(text: String) {
        #expect(!CardNumber.isWritten(in: text))
    }

    /// The last digit is what makes a number one: of ten that differ in it alone, one is.
    @Test func `is one of the ten numbers that differ in the last digit`() {
        holds { generator in
            let start = "4" + (0..<14).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
            return (0...9).count { CardNumber.isWritten(in: "\(start)\($0)") } == 1
        }
    }
}
