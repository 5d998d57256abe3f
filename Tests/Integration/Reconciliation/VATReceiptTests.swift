import EventContract
import Foundation
import HTTPServer
import PaymentModel
import ServiceRuntime
import Testing

extension `The books` {
    /// Payment e-reporting: what was received, by day and rate of VAT.
    @Suite struct `Receipts by rate of VAT` {
        private let invoice: InvoiceID = Books.newID()

        private var issued: InvoiceIssuedV1 {
            InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-1", issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 17_500),
                vat: [
                    .init(rate: BasisPoints(2_000), base: .euros(cents: 10_000), vat: .euros(cents: 2_000)),
                    .init(rate: BasisPoints(1_000), base: .euros(cents: 5_000), vat: .euros(cents: 500)),
                ])
        }

        private func recorded(_ cents: Int64, _ id: PaymentOnAccountID = Books.newID()) -> PaymentOnAccountRecordedV1 {
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: id, clientID: ClientID(7), amount: .euros(cents: cents), method: "card",
                paymentID: nil, allocations: [.init(invoiceID: invoice, amount: .euros(cents: cents))],
                receivables: [], unallocated: .zero(.eur))
        }

        /// Rate, amount and VAT of each row.
        private func rows(_ books: Books) async throws -> [String] {
            let today = TimeSource.system.now().utcDate
            let path = "/v1/accounting/vat-receipts?from=\(today.adding(days: -40))&to=\(today.adding(days: 2))"
            return try await books.list(path).map { row in
                let rate = row["rate"]?.integer.map { "\($0)" } ?? "unknown"
                let (amount, vat) = (row["amount"]?["minorUnits"]?.integer, row["vat"]?["minorUnits"]?.integer)
                return "\(rate) \(amount ?? 0) \(vat ?? 0)"
            }
        }

        @Test(arguments: [true, false])
        func `REC-8, C-30: parts of an invoice are received at its rates, to the cent, whatever came first`(
            isInvoiceFirst: Bool
        ) async throws {
            let books = try Books()
            if isInvoiceFirst { try await books.tell(issued, about: invoice) }
            let first = recorded(10_000)
            try await books.tell(first, about: first.paymentOnAccountID, times: 2)
            if !isInvoiceFirst {
                #expect(try await rows(books) == ["unknown 10000 0"])
                try await books.tell(issued, about: invoice)
            }
            #expect(try await rows(books) == ["1000 3143 286", "2000 6857 1143"])
            let rest = recorded(7_500)
            try await books.tell(rest, about: rest.paymentOnAccountID)
            #expect(try await rows(books) == ["1000 5500 500", "2000 12000 2000"])
            // On the day the clinic has now, as money that is told of without a day counts on it.
            var paris = Calendar(identifier: .gregorian)
            paris.timeZone = try #require(TimeZone(identifier: "Europe/Paris"))
            let parts = paris.dateComponents([.year, .month, .day], from: .now)
            let today = LocalDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
            let reversed = PaymentOnAccountReversedV1(
                paymentOnAccountID: rest.paymentOnAccountID, clientID: ClientID(7), amount: rest.amount,
                reason: .bounced, reversedOn: try #require(today), allocations: rest.allocations,
                receivables: [])
            try await books.tell(reversed, about: rest.paymentOnAccountID)
            #expect(try await rows(books) == ["1000 3143 286", "2000 6857 1143"])
        }

        @Test func `REC-8: money stands on the day it was received, credit when it was counted, whenever told`()
            async throws
        {
            let books = try Books()
            try await books.tell(issued, about: invoice)
            let (before, later) = (Books.day.adding(days: -400), Books.day.adding(days: -5))
            // As of a file that another software wrote, and as of one that a person accepted days later.
            let money = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 17_500), method: "card",
                allocations: [.init(invoiceID: invoice, amount: .euros(cents: 10_000))],
                unallocated: .euros(cents: 7_500), receivedOn: before)
            try await books.tell(money, about: money.paymentOnAccountID)
            let counted = PaymentOnAccountAllocatedV1(
                paymentOnAccountID: money.paymentOnAccountID, clientID: ClientID(7),
                allocations: [.init(invoiceID: invoice, amount: .euros(cents: 7_500))], receivables: [],
                unallocated: .zero(.eur), on: later)
            try await books.tell(counted, about: money.paymentOnAccountID)
            let note = CreditNoteIssuedV1(
                creditNoteID: Books.newID(), invoiceID: invoice, clientID: ClientID(7), number: "AV-1",
                total: .euros(cents: 1_000), reason: "correction", due: .zero(.eur), freed: .euros(cents: 1_000),
                takenFrom: [.init(paymentOnAccountID: money.paymentOnAccountID, amount: .euros(cents: 1_000))],
                issuedOn: Books.day.adding(days: -2))
            try await books.tell(note, about: invoice)
            let end = TimeSource.system.now().utcDate.adding(days: 2)
            let path = "/v1/accounting/vat-receipts?from=\(before)&to=\(end)"
            let found = try await books.list(path).map { row in
                "\(row["day"]?.text ?? "") \(row["rate"]?.integer ?? 0) \(row["amount"]?["minorUnits"]?.integer ?? 0)"
            }
            #expect(
                found == [
                    "\(before) 1000 3143", "\(before) 2000 6857", "\(later) 1000 2357", "\(later) 2000 5143",
                    "\(Books.day.adding(days: -2)) 1000 -314", "\(Books.day.adding(days: -2)) 2000 -686",
                ])
        }

        @Test func `REC-8 what a credit note took off counts once, where it is counted next`() async throws {
            let books = try Books()
            try await books.tell(issued, about: invoice)
            let money = recorded(17_500)
            try await books.tell(money, about: money.paymentOnAccountID)
            let paid = InvoicePaidV1(
                invoiceID: invoice, clientID: ClientID(7), total: .euros(cents: 17_500), paidOn: Books.day)
            try await books.tell(paid, about: invoice)
            let note = CreditNoteIssuedV1(
                creditNoteID: Books.newID(), invoiceID: invoice, clientID: ClientID(7), number: "AV-1",
                total: .euros(cents: 7_500), reason: "erreur", due: .zero(.eur), freed: .euros(cents: 7_500),
                takenFrom: [.init(paymentOnAccountID: money.paymentOnAccountID, amount: .euros(cents: 7_500))])
            try await books.tell(note, about: invoice, times: 2)
            #expect(try await rows(books) == ["1000 3143 286", "2000 6857 1143"])
            let next: InvoiceID = Books.newID()
            let other = InvoiceIssuedV1(
                invoiceID: next, clientID: ClientID(7), number: "F-2", issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 7_500),
                vat: [.init(rate: BasisPoints(2_000), base: .euros(cents: 6_250), vat: .euros(cents: 1_250))])
            try await books.tell(other, about: next)
            let counted = PaymentOnAccountAllocatedV1(
                paymentOnAccountID: money.paymentOnAccountID, clientID: ClientID(7),
                allocations: [.init(invoiceID: next, amount: .euros(cents: 7_500))], receivables: [],
                unallocated: .zero(.eur))
            try await books.tell(counted, about: money.paymentOnAccountID)
            #expect(try await rows(books) == ["1000 3143 286", "2000 14357 2393"], "175.00 in all")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8, PAY-14: what a lost dispute took is received no more, at the same rates`() async throws {
            let books = try Books()
            try await books.tell(issued, about: invoice)
            let owed = PaymentOnAccountRecordedV1.ReceivablePart(
                receivableID: Books.newID(), amount: .euros(cents: 500))
            let money = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 11_000),
                method: "stripe", allocations: [.init(invoiceID: invoice, amount: .euros(cents: 10_000))],
                receivables: [owed], unallocated: .euros(cents: 500), receivedOn: Books.day)
            try await books.tell(money, about: money.paymentOnAccountID)
            #expect(try await rows(books) == ["1000 3143 286", "2000 6857 1143", "unknown 500 0"])
            let lost = PaymentOnAccountChargedBackV1(
                paymentOnAccountID: money.paymentOnAccountID, clientID: ClientID(7), amount: .euros(cents: 11_000),
                chargedBackOn: Books.day, allocations: money.allocations, receivables: [owed])
            try await books.tell(lost, about: money.paymentOnAccountID, times: 2)
            #expect(try await rows(books) == ["1000 0 0", "2000 0 0", "unknown 0 0"])
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `REC-8: what a refund took of a debt on no invoice is received no more, on its day, whatever came first`(
            isRefundFirst: Bool
        ) async throws {
            let books = try Books()
            try await books.tell(issued, about: invoice)
            let owed = PaymentOnAccountRecordedV1.ReceivablePart(
                receivableID: Books.newID(), amount: .euros(cents: 500))
            let money = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 10_500),
                method: "stripe", allocations: [.init(invoiceID: invoice, amount: .euros(cents: 10_000))],
                receivables: [owed], unallocated: .zero(.eur), receivedOn: Books.day.adding(days: -3))
            let back = PaymentOnAccountRefundedV1(
                paymentOnAccountID: money.paymentOnAccountID, clientID: ClientID(7), refundID: Books.newID(),
                refundedOn: Books.day, receivables: [.init(receivableID: owed.receivableID, amount: .euros(cents: 300))]
            )
            if isRefundFirst { try await books.tell(back, about: money.paymentOnAccountID, times: 2) }
            try await books.tell(money, about: money.paymentOnAccountID)
            if !isRefundFirst { try await books.tell(back, about: money.paymentOnAccountID, times: 2) }
            #expect(
                try await rows(books) == ["1000 3143 286", "2000 6857 1143", "unknown 500 0", "unknown -300 0"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 money of a till is received on the till's day, credit when it is counted`() async throws {
            let books = try Books()
            try await books.tell(issued, about: invoice)
            let taking = TakingFacts(clinic: Books.newID(), amount: 17_500)
            try await books.tell(taking)
            let money = recorded(17_500, taking.id)
            try await books.tell(money, about: taking.id)
            let path = "/v1/accounting/vat-receipts?from=\(Books.day)&to=\(Books.day)"
            #expect(try await books.list(path).count == 2)
            let since = "from=\(Books.day.adding(days: 1))&to=\(TimeSource.system.now().utcDate.adding(days: 2))"
            #expect(try await books.list("/v1/accounting/vat-receipts?\(since)") == [], "not when it was told of")
            let credit = PaymentOnAccountAllocatedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7),
                allocations: [], receivables: [.init(receivableID: Books.newID(), amount: .euros(cents: 500))],
                unallocated: .zero(.eur))
            try await books.tell(credit, about: credit.paymentOnAccountID)
            #expect(try await rows(books).last == "unknown 500 0")
            #expect(try await books.ofStranger().list(path) == [])
        }

        /// A treatment of 120.00 at 20 %, and food of 105.50 at 5.5 % that comes back.
        private var treated: InvoiceIssuedV1 {
            InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-3", issuedOn: Books.day.adding(days: -3),
                dueOn: Books.day, total: .euros(cents: 22_550),
                vat: [
                    .init(rate: BasisPoints(2_000), base: .euros(cents: 10_000), vat: .euros(cents: 2_000)),
                    .init(rate: BasisPoints(550), base: .euros(cents: 10_000), vat: .euros(cents: 550)),
                ])
        }

        private func foodBack(due: Int64, freed: Int64 = 0, of money: PaymentOnAccountID) -> CreditNoteIssuedV1 {
            let part = CreditNoteIssuedV1.TakenPart(paymentOnAccountID: money, amount: .euros(cents: freed))
            return CreditNoteIssuedV1(
                creditNoteID: Books.newID(), invoiceID: invoice, clientID: ClientID(7), number: "AV-3",
                total: .euros(cents: 10_550), reason: "correction", due: .euros(cents: due),
                freed: freed == 0 ? nil : part.amount, takenFrom: freed == 0 ? nil : [part],
                issuedOn: Books.day.adding(days: -1),
                vat: [.init(rate: BasisPoints(550), base: .euros(cents: 10_000), vat: .euros(cents: 550))])
        }

        private func received(_ cents: Int64, daysBefore: Int) -> PaymentOnAccountRecordedV1 {
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: cents), method: "card",
                allocations: [.init(invoiceID: invoice, amount: .euros(cents: cents))], unallocated: .zero(.eur),
                receivedOn: Books.day.adding(days: -daysBefore))
        }

        /// What the books say with the money told in a place among the others; so much of it paid before the note.
        private func told(
            _ money: PaymentOnAccountRecordedV1, _ note: CreditNoteIssuedV1, place: Int, paidBefore: Int64
        ) async throws -> [String] {
            let books = try Books()
            for step in 0...2 {
                if step == place { try await books.tell(money, about: money.paymentOnAccountID, times: 2) }
                if step == 0 { try await books.tell(treated, about: invoice) }
                guard step == 1 else { continue }
                if paidBefore > 0 {
                    let partPaid = InvoicePartPaidV1(
                        invoiceID: invoice, clientID: ClientID(7), total: treated.total,
                        paid: .euros(cents: paidBefore), due: .euros(cents: 22_550 - paidBefore))
                    try await books.tell(partPaid, about: invoice)
                }
                try await books.tell(note, about: invoice, times: 2)
            }
            #expect(try await books.breaches() == [])
            let rows = try await moved(books, from: 9)
            #expect(try await moved(books, from: 1) == rows.filter { !$0.hasPrefix("2") }, "of a later period alone")
            return rows
        }

        /// Days before the last one, rate, amount and VAT of each row.
        private func moved(_ books: Books, from days: Int) async throws -> [String] {
            let path = "/v1/accounting/vat-receipts?from=\(Books.day.adding(days: -days))&to=\(Books.day)"
            return try await books.list(path).map { row in
                let day = row["day"]?.text.flatMap { LocalDate($0) } ?? .earliest
                let amounts = ["amount", "vat"].map { row[$0]?["minorUnits"]?.integer ?? 0 }
                let before = Books.day.daysSince1970 - day.daysSince1970
                return "\(before): \(row["rate"]?.integer ?? 0) \(amounts[0]) \(amounts[1])"
            }
        }

        @Test(arguments: 0...2)
        func `REC-8, INV-4: what is paid after goods of one rate came back is at the others, whatever came first`(
            place: Int
        ) async throws {
            let money = received(12_000, daysBefore: 0)
            let note = foodBack(due: 12_000, of: money.paymentOnAccountID)
            #expect(try await told(money, note, place: place, paidBefore: 0) == ["0: 2000 12000 2000"])
        }

        @Test(arguments: 0...2)
        func `REC-8, INV-4: what was paid for goods of one rate is taken off it once they come back, whatever is first`(
            place: Int
        ) async throws {
            let money = received(22_550, daysBefore: 2)
            let note = foodBack(due: 0, freed: 10_550, of: money.paymentOnAccountID)
            #expect(
                try await told(money, note, place: place, paidBefore: 22_550) == [
                    "2: 550 10550 550", "2: 2000 12000 2000", "1: 550 -10550 -550", "1: 2000 0 0",
                ])
        }

        @Test(arguments: 0...2)
        func `REC-8, INV-4: a part that was paid is at the rates of what stands once goods came back`(
            place: Int
        ) async throws {
            let money = received(12_000, daysBefore: 2)
            let note = foodBack(due: 0, of: money.paymentOnAccountID)
            #expect(
                try await told(money, note, place: place, paidBefore: 12_000) == [
                    "2: 550 5614 293", "2: 2000 6386 1064", "1: 550 -5614 -293", "1: 2000 5614 936",
                ])
        }
    }
}
