import NotificationDomain
import PaymentModel
import Testing

/// NOT-2, INV-14: which messages about invoices there are, and when.
@Suite struct `Messages about invoices` {
    private static let occasions: [Occasion] = [.invoice, .invoiceLink, .creditNote, .depositRequest, .overdue]

    @Test func `NOT-2: are not sent unless somebody says how`() {
        for occasion in Occasion.allCases { #expect(InvoiceMessages.none.channel(of: occasion) == nil) }
        let all = InvoiceMessages(documents: .email, depositRequests: .sms, overdue: .sms)
        #expect(Self.occasions.map { all.channel(of: $0) } == [.email, .email, .email, .sms, .sms])
        for occasion in Occasion.allCases where !Self.occasions.contains(occasion) {
            #expect(all.channel(of: occasion) == nil, "a message about a payment does not ask this")
        }
        let ends = InvoiceMessages(paymentEnds: .sms)
        #expect(Occasion.allCases.filter { ends.channel(of: $0) == .sms } == [.paymentRefused, .paymentCancelled])
    }

    @Test func `INV-5: bring no link that is about to lapse, but that of an hour`() throws {
        let now = try #require(Instant("2026-11-26T10:00:00Z"))
        for (seconds, isMailed) in [(-1, false), (0, false), (1, false), (899, false), (900, true), (3_600, true)] {
            let end = now.adding(.seconds(seconds))
            #expect(InvoiceMessages.canMail(linkUntil: end, at: now) == isMailed, "\(seconds) s")
        }
    }

    @Test func `NOT-2: alone name a document's number, and a reminder alone its level`() {
        for occasion in Occasion.allCases {
            #expect(occasion.fields.contains(.number) == Self.occasions.contains(occasion))
            #expect(occasion.fields.contains(.level) == (occasion == .overdue))
        }
    }

    @Test func `INV-14: of what is late must say what is due, or leave it to the words of the level`() throws {
        #expect(throws: MessageTemplate.Fault(kind: .missing(.amount), line: 1, column: 1)) {
            try MessageTemplate("Facture {{number}}", of: .overdue)
        }
        let words = try MessageTemplate("{{clinic}} : {{levelText}}", of: .overdue)
        #expect(words.names(.levelText) && !words.names(.amount))
        #expect(words.render(TemplateValues([.clinic: "L", .levelText: "{{amount}}"])) == "L : {{amount}}")
        for occasion in Occasion.allCases where occasion != .overdue { #expect(!occasion.fields.contains(.levelText)) }
    }

    @Test func `INV-14: that ask for what is late wait for the morning, on any day and at any minute`() throws {
        let hours = MarketingHours.standard
        for day in ["2026-11-26", "2026-11-29", "2026-12-25", "2026-12-31"] {
            let day = try #require(LocalDate(day))
            for minutes in 0..<1_440 {
                let time = try #require(LocalTime(minutes: minutes))
                let morning = hours.nextMorning(after: day, time)
                switch minutes {
                case ..<480: #expect(morning?.day == day && morning?.time == .morning)
                case ..<1_200: #expect(morning == nil)
                default: #expect(morning?.day == day.adding(days: 1) && morning?.time == .morning)
                }
            }
        }
    }
}
