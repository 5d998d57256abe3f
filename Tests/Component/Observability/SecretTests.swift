import Observability
import Testing

@Suite struct `A secret` {
    @Test func `never shows itself, whichever way it is printed`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        struct Holder { let secret: Secret }
        let texts = [
            "\(secret)", secret.description, secret.debugDescription, String(describing: secret),
            String(reflecting: secret), dumped, "\(Holder(secret: secret))", "\([secret])",
        ]
        #expect(texts.allSatisfy { !$0.contains("hunter2") })
        #expect(secret.reveal() == "hunter2")
    }

    @Test(arguments: [
        "connecting to postgres://app:hunter2@db:5432/x failed",
        "refused: password=hunter2",
        "Authorization:hunter2 was sent",
        "token=hunter2",
    ])
    func `is taken out of a text that came from elsewhere`(text: String) {
        #expect(!Secret.redacting(text).contains("hunter2"))
    }

    @Test func `leaves an ordinary text as it is`() {
        let text = "the broker at kafka:9092 did not answer in 5 s"
        #expect(Secret.redacting(text) == text)
    }
}
