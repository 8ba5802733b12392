using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.Golden;

/// <summary>One filled-in value of every type that is sent or stored of parties with a process of their own.</summary>
internal static class PartySamples
{
    private static readonly DateTimeOffset s_time = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly PartyUpdateId s_update = new("run-3", 5, 2);
    private static readonly PartyReceipt s_receipt = new(s_update, "abcd", PartyOutcome.Counted, 512, s_time);
    private static readonly PartyRun s_run = new("run-3", 4, 1, 2_048, 5);
    private static readonly PartyRefusal s_refusal = new(s_update, "minimumCohort is 3", s_time) { OfEvaluation = true };
    private static readonly PartyRejection s_rejection = new(PartyRejectionReason.Signature, 3, s_time);
    private static readonly PartyInvitation s_invitation = new("north", true, "region=eu", "0123", s_time, "89ab");
    private static readonly PartyEvaluation s_evaluation = new(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), [10, 50], true, true, true);
    private static readonly PartyTraining s_training = new(new TrainOrder("movies/run-3", 5, 4, 6, 3, 2), s_update, 42);
    private static readonly PartyReport s_report = new(30, 7) { MatchedItems = 90, UnmatchedItems = 4, ReadAt = s_time };
    private static readonly SignedUpdate s_signed = new()
    {
        Update = s_update,
        Client = 42,
        BaseVersion = 4,
        Phase = "training/3",
        ModelSha256 = "abcd",
        CatalogueSha256 = "cdef",
        ConfigSha256 = "0123",
        PayloadSha256 = "4567",
        PublicKey = new byte[] { 3, 4 },
        Signature = new byte[] { 7, 8 },
        At = s_time,
        IsCounted = true,
    };

    private static readonly PartyMove s_move = new("https://fedrec.example.org/", "0123", 2, new byte[] { 7, 8 });

    private static readonly PartyRecord s_record = new()
    {
        Id = "remote-0123",
        Name = "north",
        Standing = PartyStanding.Active,
        HasManyUsers = true,
        Labels = "region=eu",
        Fingerprint = "acid-acorn",
        Client = 42,
        LastSeen = s_time,
        InvitedUntil = s_time,
        Users = 30,
        Report = s_report,
        HeldModel = "cdef",
        Counted = 9,
        Refused = 2,
        BytesUp = 512,
        Receipts = [s_receipt],
        KeyChanged = s_time,
        Runs = [s_run],
        Refusals = [s_refusal],
        Rejections = [s_rejection],
    };

    private static readonly PartySecureStep s_secure = new(SecureStep.Consent, new byte[] { 1, 2 }, new byte[] { 3, 4 }, new byte[] { 5, 6 });

    /// <summary>The samples.</summary>
    /// <param name="request">Of a run.</param>
    /// <param name="source">Of a run.</param>
    public static IReadOnlyList<object> All(RunRequest request, RunSource source) =>
    [
        new PartyOrder
        {
            Evaluation = s_evaluation,
            Update = s_update,
            Client = 42,
            BaseVersion = 4,
            Phase = "training/3",
            ModelSha256 = "abcd",
            CatalogueSha256 = "cdef",
            ConfigSha256 = "0123",
            Request = request,
            Source = source,
            Secure = s_secure,
        },
        s_secure, s_update, s_receipt, s_invitation, s_evaluation, s_report, s_record, s_run, s_refusal, s_rejection, PartyRejectionReason.OtherBytes, PartyStanding.Suspended, PartyAdmission.Replayed, PartyJoinOutcome.Used, PartyOutcome.Late, PartyUpdateFault.OtherBytes,
        new PartyJoin(new byte[] { 1, 2 }, new byte[] { 3, 4 }, new byte[] { 5, 6 }), new PartyCredential("89ab", new byte[] { 3, 4 }, "4567", new byte[] { 5, 6 }, s_move), new PartyToken("7654", "4567", s_time, "3210"),
        s_move, new PartyRotation(new byte[] { 3, 4 }, new byte[] { 5, 6 }, new byte[] { 7, 8 }), PartyRotationOutcome.NotProven,
        new PartyUploadAnswer(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), 512, 256), new PartySubmission(PartyUpdateFault.NoAnswer, s_receipt),
        new PartyTerms(true, "region=eu", true, TimeSpan.FromDays(1)), new PartyTicket("remote-0123", "89ab", new byte[] { 1, 2 }, s_time, new byte[] { 3, 4 }, 2),
        s_training,
        new PartyState
        {
            Invitation = s_invitation,
            Standing = PartyStanding.Active,
            PublicKey = new byte[] { 3, 4 },
            Client = 42,
            Report = s_report,
            Training = s_training,
            Receipts = [s_receipt],
            Counted = 9,
            Refused = 2,
            BytesUp = 512,
            LastSeen = s_time,
            HeldModel = "cdef",
            EarlierKey = new byte[] { 5, 6 },
            KeyChanged = s_time,
            Runs = [s_run],
            Refusals = [s_refusal],
            Rejections = [s_rejection],
            Moved = s_move,
            Unsettled = s_signed,
            SignedPages = 2,
            Signed = [s_signed],
        },
        s_signed, new PartySignatures("89ab", [s_signed]), new PartySignaturePage { Updates = [s_signed] },
        new PartiesState { Server = "89ab", Names = ["north", "south"], Key = new byte[] { 1, 2 }, Moved = s_move },
    ];
}
