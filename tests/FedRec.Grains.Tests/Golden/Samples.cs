using System.Collections.Immutable;
using System.Net;
using FedRec.Contracts.Access;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Access;
using FedRec.Grains.Federations;
using FedRec.Grains.Histories;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Rounds;
using FedRec.Grains.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Tests.Golden;

/// <summary>One value of every sent and every stored type, with nothing left at its default.</summary>
internal static class Samples
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private static readonly DateTimeOffset s_time = new(2026, 3, 14, 15, 9, 26, TimeSpan.FromHours(2));
    private static readonly SiloAddress s_silo = SiloAddress.New(IPAddress.Parse("10.1.2.3"), 11_111, 42);
    private static readonly ModelReference s_model = new("movies/run-3", 5, 12);

    private static readonly ImmutableSortedDictionary<string, double> s_metrics =
        ImmutableSortedDictionary<string, double>.Empty.Add("hr@10", 0.1474).Add("ndcg@10", 0.0742);

    private static readonly ModelMeasurement s_measurement = new() { Split = "validation", Protocol = "leave the last out", DataSha256 = Hash, Users = 943, Metrics = s_metrics };
    private static readonly PrivacyStatement s_statement = new() { Epsilon = 1.25, Delta = 1e-5, FederationEpsilon = 2.5, Releases = 40, NoiseMultiplier = 1.5, Rate = 0.125, ClipNorm = 0.5 };
    private static readonly PrivacySettings s_privacy = new() { Epsilon = 4, Delta = 1e-6, NoiseMultiplier = 1.5, ClipQuantile = 0.75, Noise = "distributed" };
    private static readonly PromotionDecision s_promotion = new(true, "no version was in use", 11);

    public static ModelManifest Manifest { get; } = new()
    {
        Federation = "movies",
        Version = 12,
        Parent = 11,
        Learner = "mf",
        RunId = "run-3",
        Round = 5,
        Sha256 = Hash,
        StateSha256 = Hash,
        ConfigSha256 = Hash,
        Tensors = [new TensorShape("items", 1_682, 64)],
        Participants = 943,
        Metrics = s_metrics,
        CreatedAt = s_time,
        EpsilonSpent = 1.25,
        Measurements = [s_measurement],
        Bytes = 430_592,
        DataSha256 = Hash,
        CatalogueSha256 = Hash,
        WeightsSha256 = Hash,
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "64"),
        Votes = ImmutableSortedDictionary<string, double>.Empty.Add("lambda 200, kernel 20", 123.5),
        Privacy = s_statement,
    };

    private static readonly PersonalizationSettings s_personal = new() { Method = "additive", Steps = 7, LearningRate = 0.25, L1 = 0.125, L2 = 0.5, Clusters = 4, ClusterWarmUp = 6 };

    private static readonly ReadingSpec s_reading = new()
    {
        UserColumn = "who",
        ItemColumn = "what",
        TimeColumn = "when",
        RatingColumn = "5",
        KindColumn = "how",
        NoHeader = true,
        Separator = "tab",
        Kinds = "0=view,2=cart",
        Encoding = "latin1",
    };

    private static readonly RunSource s_source = new()
    {
        Simulated = new DataSpec { Path = "ratings.csv", SyntheticUsers = 10, SyntheticItems = 20, SyntheticSeed = 3, Parties = 4, Split = "random", SplitSeed = 9, Alpha = 0.25, KindWeights = "view=0.5,purchase=4", Scenario = "clinic", Schema = "schema.json", Clean = "bots", NormalizeRatings = true, ContextData = "books.csv", MinUserItems = 5, MinItemUsers = 6, TestShare = 0.2, Reading = s_reading },
        Hosted = new HostedData(943, 1_682, true) { LargestClass = 9, Users = 1_200, Interactions = 100_000, SizeClasses = new byte[] { 3, 9 }, CatalogueSha256 = Hash, Corrections = 3, Chosen = [4, 700] },
        HoldOutValidation = true,
        RecordedHistory = true,
    };

    private static readonly RunRequest s_request = new()
    {
        Federation = "movies",
        Learner = "mf",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "64").Add("objective", "logistic"),
        Rounds = new RoundSettings
        {
            Count = 100,
            CohortSize = 90,
            ReportGoal = 80,
            Quorum = 0.6,
            Deadline = TimeSpan.FromSeconds(30),
            Weighting = "uniform",
            WeightCap = 7,
            PublishEvery = 5,
            Dropout = 0.1,
            Straggler = 0.05,
            VirtualTime = true,
            MaxShare = 0.25,
            ClipNorm = 2,
            Aggregator = "trimmed-mean",
            Trim = 0.2,
            Steps = "clip=2",
            Mode = "async",
            MaxStaleness = 7,
            Topology = "random",
            Regions = 3,
            AdaptiveDeadline = true,
            ErrorBudget = 5,
        },
        ServerOptimizer = new ServerOptimizerSettings
        {
            Name = "adam",
            LearningRate = 0.03,
            Momentum = 0.9,
            Beta1 = 0.8,
            Beta2 = 0.95,
            Epsilon = 1e-6,
            SkipBiasCorrection = true,
            Schedule = "step",
            WarmupRounds = 5,
            Decay = 0.25,
            DecayEvery = 20,
            FinalShare = 0.125,
        },
        Seed = 17,
        EvaluateEvery = 10,
        Patience = 3,
        TargetMetric = "ndcg@10",
        TargetValue = 0.07,
        WarmStart = 7,
        Personalization = s_personal,
        WarmStartFrom = new WarmStartSource { Federation = "public", Match = "title" },
        Promote = PromotionPolicy.Never,
        HoldOutValidation = true,
        PartyLabels = "region=eu",
        Privacy = s_privacy,
    };

    private static readonly PrivacyCharge s_charge = new("run-3", 5, "0123", 0.125, 1.5);

    private static readonly PrivacyBeginning s_beginning = new(Hash, [new("run-1", 0.25, 2.5, 30)]);

    private static readonly PrivacyLedger s_ledger = new() { Budget = new(8, 1e-5), Accounts = [new("run-3", 0.125, 1.5, 40)], Last = [s_charge], Head = Hash };

    private static readonly AccessKeyRecord s_key = new("0123456789ab", Convert.FromHexString(Hash), "web shop", AccessRole.App, "movies", s_time, s_time.AddDays(90)) { LastUsed = new(2026, 3, 15), Revoked = s_time.AddDays(2) };
    private static readonly AccessLogNote s_note = new("key 0123456789ab (ada)", "POST /api/v1/models/rollback", 7, 200);
    private static readonly AccessLogEntry s_entry = new(8, s_time, s_note, Hash, Hash);
    private static readonly UpdateFault s_fault = new(UpdateFaultKind.TooLarge, "item_factors", 300_000, 262_144);

    private static readonly RoundRecord s_record = new()
    {
        Round = 5,
        Phase = "Committed",
        Reason = "the deadline",
        Asked = 90,
        Participants = 80,
        Dropped = 4,
        Late = 5,
        Rejected = 1,
        Loss = 0.375,
        LargestShare = 0.02,
        ClippedShare = 0.25,
        BytesUp = 123_456,
        BytesDown = 654_321,
        Milliseconds = 12.5,
        StepNorm = 0.75,
        Version = 12,
        Fault = s_fault,
        Missing = [5, 77],
        VirtualSeconds = 23.5,
        Staleness = [60, 15, 5],
        ConsensusDistance = 0.5,
        SumBytes = 8_192,
        DeadlineSeconds = 30,
        AnswerSeconds = 1.5,
        Resting = 2,
        ModelBytes = 4_096,
        Resyncs = 1,
        MovedSumBytes = 2_048,
    };

    private static readonly PartialSum s_sum = new()
    {
        Round = 5,
        BaseVersion = 11,
        Clients = [3, 7, 900],
        Values = new byte[] { 1, 2, 3, 4, 5, 6, 7, 0x80 },
        Weight = 1L << 40,
        Loss = -(1L << 33),
        Examples = 321,
        MaxWeight = 2.5,
        BytesUp = 4_096,
        Failed = [8],
        Rejected = [9],
        Staged = Guid.Parse("0c6f0b8e-5a52-4e0b-9d8a-0d0f6a1b2c3d"),
        FractionBits = 30,
        Fault = s_fault,
        Clipped = 1,
        Collecting = 6,
        Region = 2,
        From = s_silo,
    };

    private static readonly EvaluationGroup s_group = new("activity", 6, 20, 95, 10, 0.0625, 0.03125);
    private static readonly MetricDifference s_difference = new("ndcg@10", 0.0625, 0.05, 0.001, 0.02);
    private static readonly ComparisonRecord s_comparison = new()
    {
        First = "version 12",
        Second = "version 7",
        Users = 943,
        Replicates = 1_000,
        Differences = [s_difference],
        Seconds = 1.5,
    };

    private static readonly EvaluationRecord s_evaluation = new()
    {
        Name = "mf",
        Round = 5,
        Users = 943,
        Metrics = s_metrics,
        Quantiles = s_metrics,
        OnValidation = true,
        Seconds = 1.5,
        Groups = [s_group],
        UnknownItems = 3,
        UnknownHeldOut = 2,
    };

    private static readonly RunStatus s_status = new()
    {
        RunId = "run-3",
        Request = s_request,
        Source = s_source,
        Phase = RunPhase.Stopped,
        Reason = "stopped on request",
        RoundsDone = 5,
        Version = 12,
        Sha256 = Hash,
        Clients = 943,
        Users = 943,
        Items = 1_682,
        Interactions = 100_000,
        Protocol = "leave the last out",
        Rounds = [s_record],
        Evaluations = [s_evaluation],
        TrainSeconds = 2.25,
        PublishSeconds = 0.75,
        StopReason = RunStopReason.Requested,
        CheckpointRound = 4,
        Promotion = s_promotion,
        Notes = ["Columns that are not used: price."],
        StartedAt = s_time,
        EndedAt = s_time.AddMinutes(1),
    };

    private static readonly RunEvent s_event = new()
    {
        Id = 9,
        Kind = "round.done",
        At = s_time,
        Round = 5,
        Record = s_record,
        Evaluation = s_evaluation,
        Version = 12,
        Text = "Completed: all rounds done",
    };

    private static readonly PromotionBar s_bar = new(9, 0.0742, Hash);

    private static readonly Checkpoint s_checkpoint = new(6, 5, Hash, 0.0742);
    private static readonly ModelVersionLine s_line = new(12, "mf", "run-3", 5, Hash, s_time) { Pinned = true, Promotion = s_promotion };
    private static readonly RecommendationReason s_reason = new("Brazil", 0.5f, ["Sci-Fi"]) { Share = 0.25f };
    private static readonly RecommendedItem s_item = new(1, "i17", "Metropolis", 0.875f, ["Sci-Fi", "Drama"], [s_reason], "only for home owners");

    private static readonly TrainedFor s_asked = new(77, 4, 10, ClientFate.TooLate);
    private static readonly CatalogueVersion s_catalogueVersion = new(1_682, 3, "5be1");

    private static readonly SecureMessage s_message = new(3, new byte[] { 3, 4 });

    private static readonly RoundOrder s_order = new()
    {
        RunKey = "movies/run-3",
        Round = 5,
        BaseVersion = 11,
        Clients = 943,
        Seed = 17,
        Settings = s_request.Rounds,
        UpdateLength = 107_648,
        ParameterBytes = 430_592,
        Durable = true,
        FractionBits = 30,
        Asked = [s_asked],
        InBatches = true,
        Catalogue = s_catalogueVersion,
        Epoch = 3,
        Since = 2,
        Among = [4, 700],
    };

    private static readonly HistoryChange s_change = new("u17", HistoryChangeKind.Removed, "i3", 4.5f) { Time = 1_773_446_400_123 };

    private static readonly HostedFederation s_hosted = new(true, 3);

    private static readonly CatalogueItem s_catalogued = new("i3", "Solaris", ["space"]);
    private static readonly CataloguePointer s_pointer = new(new CatalogueLog([Hash], [s_catalogued]), new CatalogueLog([Hash], [s_catalogued]));

    private static readonly RegistryPartition s_members = new([Hash], [7]) { Users = ImmutableSortedDictionary<int, int>.Empty.Add(3, 40), Labels = ImmutableSortedDictionary<int, string>.Empty.Add(3, "region=eu") };

    private static readonly PercentBand s_band = new(5, 10);

    private static readonly PartyData s_party = new("hospital-east", 64, 512, s_band, new(35, 40), new(25, 30), 90, 7, new(2, 5));

    private static readonly KeptState s_kept = new("movies/run-3", 5, new byte[] { 1, 2, 3 }, new byte[] { 4, 5, 6, 7 }, 2);

    private static readonly SimilarItem s_similar = new(2, "i4", "Stalker", 0.25f, ["space", "zone"], ["space"]);

    private static readonly ListPart s_part = new() { Exclude = ["i4"], Tags = ["space"], Offset = 20 };

    private static readonly ForgettingCertificate s_certificate = new()
    {
        Federation = "movies",
        Server = "0f8fad5b",
        Subject = Hash,
        Edition = 2,
        ForgottenAt = s_time,
        IssuedAt = s_time,
        CountedAfter = 1,
        CountedLast = 3,
        Interactions = 17,
        KeptStates = 1,
        Retires = true,
        Versions = [new CountingVersion(11, "run-3", Hash, VersionFate.UntilUnpinned)],
        Without = new VersionWithout(12, "run-4", Hash, "ease", Unlearning.Subtracted),
        Remains = ["run folders written before"],
        PublicKey = "AQID",
        Signature = "BAUG",
    };

    /// <summary>All samples; the name of the golden file is that of the type.</summary>
    public static IReadOnlyList<object> All { get; } =
    [
        // Sent.
        s_request, s_source, s_source.Simulated!, s_reading, s_request.Rounds, s_request.ServerOptimizer, s_status, s_event, s_record, s_sum, s_fault, s_evaluation, s_order, s_catalogueVersion,
        new RunEvents([s_event], true), new RunReceipt(RunOutcome.Busy, "run-3", "Wait for it.", "shop.csv, line 3"), new DataNotUsableException("It has no items.", "shop.csv, line 3"), new ParameterSlice(64, new byte[] { 1, 2, 3 }, "votes/3") { TellsChanges = true }, new ParameterRequest(5, 4, 16, 32, true), new ParameterChange(64, new byte[] { 1, 2, 3 }, "votes/3", Hash, true),
        new RoundResult(s_record, s_sum, 8, [s_asked], [8, 9]), s_asked, ClientFate.TooLate, SecureStep.Unmask, s_message, new SecureAnswers(SecureStep.Share, new byte[] { 1, 2 }, [s_message], [7]), new SecureCall("movies/run-3", 5, SecureStep.Share, new byte[] { 1, 2 }, [s_message], new byte[] { 5, 6 }), new RegionOrder { RunKey = "movies/run-3", Round = 5, BaseVersion = 11, Clients = [3, 7], UpdateLength = 107_648, FractionBits = 30, Aggregator = "trimmed-mean", Trim = 0.2, Epoch = 3 }, new SumBlock(Guid.Parse("0c6f0b8e-5a52-4e0b-9d8a-0d0f6a1b2c3d"), 8, 16, new byte[] { 1, 2, 3, 4, 5, 6, 7, 0x80 }), s_model, new TrainOrder("movies/run-3", 5, 11, 6, 3, 2), new TrainReceipt(s_silo),
        new EvaluateOrder(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), s_model, [1, 10, 50], true) { Sampled = true, Against = s_model, Baseline = "ials", Replicates = 1_000, Shared = true, SharedRival = true, CountsItems = true },
        s_group, s_difference, s_comparison, new ComparedWith(7, "ials", "hospital-east") { Shared = true }, s_personal, s_request.WarmStartFrom!, new RecommendOrder(s_model, "u17", 10, true, true, true, s_part), s_part,
        s_change, HistoryChangeKind.Forgotten, new HistoryReceipt(HistoryOutcome.Unfit, "Leave the rating out.") { Remaining = ["the data that was loaded"] }, new ErasedChanges(2, 4), HistoryOutcome.NoRun,
        s_certificate, s_certificate.Versions[0], VersionFate.UntilUnpinned, s_certificate.Without!, Unlearning.Subtracted, new ForgettingReceipt(new HistoryReceipt(HistoryOutcome.Unfit, "Forgotten.") { Remaining = ["the data that was loaded"] }, s_certificate),
        new FederationSummary("movies", ["run-1", "run-3"], "run-3", s_time, true) { Hosted = s_hosted, Simulates = s_source.Simulated }, s_hosted, s_source.Hosted!, s_catalogued, s_members, new ClientSize(42, 7) { Users = 30 }, new ClientLabel(42, Hash, "region=eu"), new OrganisationLine(42, 30, "region=eu", 2), new SiloLabelException("No silo has it.", "region=eu"), new ImportReceipt(HistoryOutcome.Unfit, "Give a time.", 5, 6, 7), new RecordedAmount(5, 7, true) { Users = 3 }, s_band, s_party,
        new DataSummary(64, 512, s_band, new(35, 40), new(25, 30), 90, 7, [8, 2, 16], 1_773_446_400), new DataReportAnswer("movies/run-3", s_party, [s_party], 2, 5, "tags"), Manifest, Manifest.Tensors[0], s_line,
        new ModelCommit(Manifest, PromotionPolicy.Always), new CommitReceipt(CommitOutcome.Conflict, 13) { Promotion = s_promotion }, new ModelSummary(12, 11, [s_line]) { Previous = 10 },
        s_measurement, s_promotion, PromotionPolicy.Never, new ContentSlice(64, new byte[] { 1, 2, 3 }),
        new RecommendationQuery("u17", 10, true, 12) { Items = [new MetItem("i3", 4.5f)], Part = s_part }, new MetItem("i3", 4.5f), new RecommendationAnswer(RecommendationOutcome.UnknownUser, 12, [s_item], "The data is gone."), s_item, s_reason,
        new SimilarQuery("i3", 10, 12), new SimilarAnswer(RecommendationOutcome.UnknownItem, 12, "ease", "Solaris", [s_similar], "By the weights."), s_similar,
        RunPhase.Failed, UpdateFaultKind.TooLarge, RunStopReason.Target, RunOutcome.Invalid, UpdateReceipt.Malformed, CommitOutcome.Conflict, RecommendationOutcome.DataUnavailable,

        // Stored.
        new RunState { Status = s_status, StopRequested = true, Last = s_checkpoint, Best = s_checkpoint, Segments = 2, NumberedSha256 = "89ab", Epoch = 3, Since = 2 }, s_checkpoint,
        new RunLogSegment { Rounds = [s_record], Evaluations = [s_evaluation], Epoch = 3 },
        new RoundState { Order = s_order, Counted = s_sum, Closed = s_record },
        new ClientBatch([3, 8, 11]),
        new ModelState { Latest = 12, Serving = 11, Served = [9, 10], Versions = [s_line], Bar = s_bar, Retiring = [new ErasedChanges(2, 4)] }, s_bar,
        new FederationState { Runs = ["run-1", "run-3"], ActiveRun = "run-3", LastActive = s_time, HasRecorded = true, HostedRatings = true, Simulates = s_source.Simulated },
        new ClientState { Changes = [new RecordedChange(s_change, 3)], Kept = s_kept }, new RecordedChange(s_change, 3), s_kept, new SealedUserState { Changes = new byte[] { 9, 8, 7 }, Out = new ErasedChanges(2, 4), Segments = 2 }, new SealedSegment { Changes = new byte[] { 9, 8, 7 } }, new SealedOrganisation { Changes = new byte[] { 9, 8, 7 }, Segments = 2, Out = new byte[] { 6, 5 }, IsOfUsers = true },
        new CatalogueSegment { Items = [s_catalogued] }, s_pointer, s_pointer.Items, new CatalogueState { Pointer = s_pointer }, new RegistryState { Members = s_members },
        new UserRegistryState { Key = new byte[] { 1, 2, 3 }, Forgotten = [Hash], Erased = [new ErasedChanges(2, 4)], NewKey = new byte[] { 4, 5 } },
        new FederationDirectoryState { Names = ["movies", "books"] },
        s_statement,
        s_privacy,
        s_charge,
        s_ledger.Budget!,
        s_ledger.Accounts[0],
        new PrivacyReceipt("it is spent", Hash),
        s_ledger,
        new PrivacyLedgerState { Ledger = s_ledger, Before = s_beginning, Pages = 2, Tail = [s_charge] },
        new PrivacyPage { Charges = [s_charge] },
        new PrivacyCharges([s_charge], 3, s_beginning),
        s_beginning,
        new AccessKeyTerms("0123456789ab", Convert.FromHexString(Hash), "web shop", AccessRole.App, "movies", TimeSpan.FromDays(90)),
        s_key, AccessRole.Operator,
        new AccessKeysState { Keys = [s_key] }, s_note, s_entry, new AccessLogState { Entries = [s_entry] },
        .. PartySamples.All(s_request, s_source),
    ];
}
