import EventContract
import HTTPServer
import PaymentModel
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Accounts whose payouts are asked for` {
        @Test func `REC-3 are asked about since the day they take payments, and keep it when they are told of again`()
            async throws
        {
            let books = try Books()
            let (known, new): (ProviderAccountID, ProviderAccountID) = (Books.newID(), Books.newID())
            // One that was connected before anybody asked for payouts is told of once more, with its day.
            let day = try #require(LocalDate("2025-03-05"))
            try await books.tell(
                ProviderAccountConnectedV1(providerAccountID: known, provider: .stripe, since: day), about: known)
            // A key was entered again; nothing says since when.
            try await books.tell(ProviderAccountConnectedV1(providerAccountID: known, provider: .stripe), about: known)
            let today = Instant("2026-11-20T10:00:00Z") ?? .init(secondsSince1970: 0)
            try await books.tell(
                ProviderAccountConnectedV1(providerAccountID: new, provider: .alma), about: new, at: today)
            let listed = try await books.list("/v1/payout-sources")
            let since = Dictionary(
                uniqueKeysWithValues: listed.map { ($0["accountID"]?.text ?? "", $0["since"]?.text ?? "") })
            #expect(since == ["\(known)": "2025-03-05", "\(new)": "2026-11-20"])
        }
    }
}
