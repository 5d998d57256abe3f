import HTTPServer

extension Access {
    /// Seeing payments.
    static let seePayments = Access.roles([.manager, .frontDesk, .accountant, .service], scope: "payments:read")
    /// Asking for payments and calling them off.
    static let makePayments = Access.roles([.manager, .frontDesk, .service], scope: "payments:write")
    /// Giving money back.
    static let refundPayments = Access.roles([.manager, .frontDesk, .accountant, .service], scope: "payments:refund")
    /// Deciding about what a provider and a payment contradict each other in.
    static let resolvePayments = Access.roles([.manager], scope: "payments:resolve")
    /// Learning how to reach a client.
    static let reachClients = Access.roles([.service], scope: "payments:recipients")
    /// Reading what providers paid out: what reconciliation may, and nothing else.
    static let readPayouts = Access.roles([.manager, .accountant, .service], scope: "payouts:read")
    /// Seeing accounts and plans.
    static let seeAccounts = Access.roles([.manager, .frontDesk, .accountant, .service], scope: "accounts:read")
    /// Connecting accounts and choosing their settings.
    static let manageAccounts = Access.roles([.manager, .service], scope: "accounts:write")
}
