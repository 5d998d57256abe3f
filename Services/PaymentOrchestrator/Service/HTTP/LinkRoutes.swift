import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// The client's side: the short link, and the way back from the provider.
struct LinkRoutes: Sendable {
    private static let why = Access.open(because: "the link's token is what admits")

    let start: StartPayment
    let looks: LinkLooks
    let fallOver: FallOver
    let clinics = ClinicStore()

    private var ask: AskProvider { start.ask }

    var routes: [Route] {
        [
            Route(.get, "/p/{token}", operation: "showPaymentLink", access: Self.why, show),
            Route(.post, "/p/{token}", operation: "openPaymentLink", access: Self.why, bodyBytesMax: 4_096, open),
            Route(
                .post, "/p/{token}/other", operation: "payOtherwise", access: Self.why, bodyBytesMax: 4_096,
                payOtherwise),
            Route(.get, "/p/{token}/return", operation: "returnFromProvider", access: Self.why, comeBack),
        ]
    }

    @Sendable private func show(_ request: Request) async throws -> Response {
        guard let (record, clinic) = try await found(request) else { return Self.unknown() }
        return try await page(record, clinic, .link, linkFromHere: try token(request))
    }

    /// The first way to pay did not work, and the client takes the next one: a payment of its own, with its own link.
    @Sendable private func payOtherwise(_ request: Request) async throws -> Response {
        guard let (record, _) = try await found(request) else { return Self.unknown() }
        let prompt = Prompt.request(request, actor: "client", record.organisation)
        let next = try await fallOver.run(record, prompt)
        return .redirect(to: "../\(try next ?? token(request))")
    }

    /// The client wants to pay: have the provider open the payment, or say why not.
    @Sendable private func open(_ request: Request) async throws -> Response {
        guard let hash = LinkToken(try request.pathText("token"))?.hash else { return Self.unknown() }
        switch try await start.run(hash, { Prompt.request(request, actor: "client", $0) }) {
        case .provider(let address): return .redirect(to: address)
        case .page: return .redirect(to: try token(request))
        case nil: return Self.unknown()
        }
    }

    /// The client is back: what it says is not believed, the provider is asked.
    @Sendable private func comeBack(_ request: Request) async throws -> Response {
        guard let (record, _) = try await found(request) else { return Self.unknown() }
        let prompt = Prompt.request(request, actor: "client's return", record.organisation)
        do {
            try await looks.look(at: record.id) { [ask] in try await ask.look(at: record.id, prompt) }
        } catch ProviderRejection.notReached {
            // The page says how things stand as far as is known.
        }
        guard let (after, clinic) = try await found(request) else { return Self.unknown() }
        return try await page(after, clinic, .wayBack, linkFromHere: "../\(try token(request))")
    }

    private func found(_ request: Request) async throws -> (PaymentRecord, String)? {
        guard let token = LinkToken(try request.pathText("token")) else { return nil }
        return try await ask.store.database.read(organisation: nil) { transaction in
            try ask.store.find(byTokenHash: token.hash, with: clinics, in: &transaction)
        }
    }

    private func page(
        _ record: PaymentRecord, _ clinic: String, _ occasion: LinkPage.Occasion, linkFromHere link: String
    ) async throws -> Response {
        let other = try await fallOver.next(after: record)?.provider
        let page = LinkPage(
            record: record, clinicName: clinic, link: link, other: other, occasion: occasion,
            calendar: ask.store.calendar.at(record.timeZone), now: ask.time.now())
        return Self.forHolderOnly(.html(.ok, page.html))
    }

    /// The link as its own page names it: relative, so that it leads back to wherever the page was read.
    private func token(_ request: Request) throws -> String { try request.pathText("token") }

    /// A mistyped link and one that never was look the same.
    private static func unknown() -> Response { forHolderOnly(.html(Status(404), LinkPage.unknown)) }

    /// What a link shows is for its holder: not for caches, not for search engines, not for the next page's log.
    private static func forHolderOnly(_ response: Response) -> Response {
        response.with("Cache-Control", "no-store").with("Referrer-Policy", "no-referrer")
            .with("X-Robots-Tag", "noindex").with("Content-Security-Policy", policy)
    }

    /// Without `form-action`: the form is answered by a redirect to the provider, and browsers that hold redirects of
    /// forms to it (Chromium, WebKit) would stay where they are without a word.
    ///
    /// The page has no markup but ours.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
}
