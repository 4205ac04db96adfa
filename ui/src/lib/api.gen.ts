// Made by `npm run api` from c8819df35ebc283da103bacf39dd00173f9fc18d00b7e8e73e894cbc9fad1b64; never edited.

export interface paths {
    "/api/v1/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the server equal the snapshot, all or nothing. */
        post: operations["apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention/{cause}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Acknowledge a cause, which then stays quiet until it shows again; or with `until`, until then. */
        put: operations["mark_cause"];
        post?: never;
        /** Take back what was said of a cause. */
        delete: operations["unmark_cause"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bundles/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Store a code bundle under its SHA-256. */
        put: operations["put_bundle"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bundles/{digest}/stored": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a code bundle is stored, so that it need not be sent. */
        get: operations["has_bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calendar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What schedules start after `start` and up to `end`, at most 45 days, by days of `timezone`; where they ask for more of a limit than there is. */
        get: operations["show_calendar"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Connections with the deployments that use them. */
        get: operations["list_connections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a connection on the server's machine, in its data folder: `ok`, or what is wrong and how to mend it. It is opened for reading and nothing is made; a worker on another machine may have another database. */
        post: operations["test_connection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions of browsers, login links and deploy tokens that are valid now; never what opens anything. */
        get: operations["list_credentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Put an end to a credential at once. */
        delete: operations["revoke_credential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deploy/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the identity token of a GitHub workflow for a deploy token of a project. The identity token is the credential. */
        post: operations["exchange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is deployed, with the last and the next runs; of every project without `project`. */
        get: operations["list_deployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One deployment. */
        get: operations["show_deployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What is wrong with the parameters of a run, the first 50 of it; starts nothing. */
        post: operations["check_parameters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of the code that its next run executes, its own without `path`, with the names of all files. */
        get: operations["show_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One deployment with its schedules, newest runs, next runs and the form of its parameters. */
        get: operations["show_detail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a schedule, or without one the whole deployment: once this is answered, nothing of it starts. */
        post: operations["pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a schedule, or without one the deployment, go on as its catch-up policy says; `resumed` is false if it was not paused. */
        post: operations["resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{name}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a run. Parameters that do not fit the flow are refused, and no run is made. With `explain`, the answer's `wait_reason` says why it waits. */
        post: operations["trigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people changed on the server: pauses, parameters, variables, with author, reason and end, and what the repository says instead. Not `kept`: the next apply drops it, and `why`. */
        get: operations["drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was told to have happened, in the order of its coming. */
        get: operations["list_events"];
        put?: never;
        /** Tell that something happened; `told` is false if the event's id was told before. */
        post: operations["emit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every limit with who holds it, how many wait, and when its rate lets the next one through. */
        get: operations["list_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: `news` names topics that changed (`run:<id>`, `runs`, `deployments`, `workers`, `values`, `attention`; `run:*` for very many runs), `lost` says that anything may have changed, `here` that nothing did for a while, `again` asks to connect anew. An event's id, given back as Last-Event-ID or `after`, has what was missed told first. */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time login link. */
        post: operations["make_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as an OpenAPI 3.1 document. */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a parameter of a deployment, or a declared variable, have another value than in the repository, from the next run on; until a time if one is given. */
        post: operations["put_override"];
        /** Let the repository's value hold again; `dropped` is false if it did. */
        delete: operations["drop_override"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pauses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Schedules and deployments that people paused on the server. */
        get: operations["list_pauses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What applying the snapshot would change, with the runs that wait and the next runs; changes nothing. */
        post: operations["plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pools with the deployments that use them and their workers. */
        get: operations["list_pools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/production": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every deployment with its file, schedules, newest `runs` (at most 50), last success, and since which release it is declared as it is. */
        get: operations["list_production"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/production.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as a table for a spreadsheet. */
        get: operations["export_production"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was applied, newest first. */
        get: operations["list_releases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A release and what it changed of the one before, field by field. */
        get: operations["show_release"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What going back to an earlier release would change; changes nothing. */
        get: operations["plan_rollback"];
        put?: never;
        /** Make the server equal an earlier release, as a new one, all or nothing. */
        post: operations["roll_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of runs, newest first. Every given condition must hold; `state` and `tag` may be repeated. */
        get: operations["list_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run; with `wait`, held up to so many seconds until it is over. */
        get: operations["show_run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the run made to be looked at. */
        get: operations["list_artifacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the run: at once when it waits, else as soon as its executor confirms that nothing is left. */
        post: operations["cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The run's transitions, oldest first. */
        get: operations["show_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/inputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the run was told, in order, held up to `wait` seconds until there is something. */
        get: operations["list_inputs"];
        put?: never;
        /** Tell a run something that is not over; `told` is false if it was told under that key. */
        post: operations["send"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Log lines after `cursor`, held up to `wait` seconds until there are some. The cursor is null once the run is over and everything was read. */
        get: operations["show_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/question": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a paused run waits for, with the JSON Schema of the answer. */
        get: operations["show_question"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/question/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What is wrong with an answer to what a paused run asks, by the place in it; nothing goes on. */
        post: operations["check_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a paused run go on, with the input that its form asks for: in its process, or in a new attempt. */
        post: operations["answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open a new attempt of a run that is over; with `from_failure`, completed steps are reused, but for those whose inputs other parameters, or whose code a newer commit, have changed. */
        post: operations["retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tasks and in-process subflows of an attempt, by number. */
        get: operations["list_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The views of the list of runs that everybody of the project sees, by name. */
        get: operations["list_views"];
        put?: never;
        /** Save a view for everybody: a name that no other has in any case, and the query of the list's address. */
        post: operations["save_view"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-views/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Rename a saved view, or let it show something else; what is left out stays. */
        put: operations["change_view"];
        post?: never;
        /** Delete a saved view. */
        delete: operations["remove_view"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The names of secrets with the deployments that use them. Values are never on the server. */
        get: operations["list_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is deployed. */
        get: operations["show_snapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The repository that this server follows, and what came of its newest commit; `wait` holds the answer until `asked` is another. */
        get: operations["show"];
        /** The follower's report. */
        put: operations["report_source"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source/follower": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Be the one that follows, for a minute; `mine` is false while another is. Asked again and again. */
        post: operations["take"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the follower look at the repository now. */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A push, told by GitHub, Gitea, Forgejo or GitLab. The signature, or GitLab's token, is the credential; `asked` is false for a delivery that was told before. */
        post: operations["webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/values/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Variables (kind `variable`; those of the manifest among them), or blocks of a type (`block.<type>`). */
        get: operations["list_values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/values/{kind}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A variable or a block's fields that are no secrets; null if there is none. */
        get: operations["get"];
        /** Set a variable or a block. Names of the manifest are refused, and names that are set, unless `replace`. */
        put: operations["put"];
        post?: never;
        /** Forget a variable or a block; `removed` is false if there was none. */
        delete: operations["remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What needs attention by cause, the last 24 hours by deployment and hour, what runs next. */
        get: operations["show_home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs as rows of a list, newest first. */
        get: operations["list_run_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All that the page of a run shows at once. */
        get: operations["show_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/artifacts/{attempt}/{stream}/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The data of one artifact. */
        get: operations["show_artifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed in the code since another run, the newest earlier one of the deployment that completed. */
        get: operations["show_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of an attempt's log by row, held up to `wait` seconds until there are some. */
        get: operations["show_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/log/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rows of an attempt's whole log that match, a portion at a time: go on from `next`. */
        get: operations["search_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/log/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole log of an attempt as a text file. */
        get: operations["show_text"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What running the run again from its failure would reuse. */
        get: operations["preview_rerun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/{id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tasks of an attempt in columns, by number. */
        get: operations["list_bars"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel, retry or delete the next runs that match and for which it can be done, newest first. Ask again with `after` until `next` is null. Deleted is what is over, with all that it holds, for good; the last run and the last completed run of a deployment are kept. */
        post: operations["act_on_runs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/runs/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many runs match, by state, among the newest 10,000 that do; `complete` is false where there may be more. */
        get: operations["count_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/bundles/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The code bundle with this SHA-256. */
        get: operations["bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take jobs; answers at once when there are some, else when the first comes or `wait` seconds are over. Repeating `key` repeats the answer. */
        post: operations["claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A worker says hello and names the attempts that have a spool there. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/runs/{id}/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Completed steps of earlier attempts, one JSON object a line. */
        get: operations["checkpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/runs/{id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renew an attempt's lease; answers at once when there is a command, else after `wait` seconds. */
        post: operations["heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/runs/{id}/journal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Store journal lines, raw, each ended by a newline. Lines that are stored already are acknowledged again. */
        post: operations["journal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/runs/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How an attempt ended, as its supervisor or worker saw it; ignored once the attempt is over. */
        post: operations["report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/work/runs/{id}/slots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a slot of a named limit for a task of the run, waiting in line for up to `wait` seconds. Asking again with the same `holder` gives the same slot. It is let go by DELETE, or when the attempt ends. */
        post: operations["acquire"];
        /** Give a task's slot back, or leave the line; `released` is false if it held none. */
        delete: operations["release"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workers and when they were last heard of. */
        get: operations["list_workers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers; 503 and `ok` false while its database takes no writes. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AckAnswer
         * @description The highest journal number stored.
         */
        AckAnswer: {
            acked: number;
        };
        /**
         * AnswerBody
         * @description What the form of a paused run asks for.
         */
        AnswerBody: {
            input?: Record<string, unknown> | null;
        };
        /**
         * ApplyBody
         * @description What should be deployed, with its code and where it comes from. Refused with `conflict`, which tells what
         *         changed, when the release deployed now is not `expected_release`, or other overrides hold than
         *         `expected_overrides`.
         */
        ApplyBody: {
            allow_removals?: boolean;
            author?: string | null;
            bundle?: string | null;
            commit?: string | null;
            expected_overrides?: Record<string, unknown>[] | null;
            expected_release?: number | null;
            message?: string | null;
            snapshot: components["schemas"]["Snapshot"];
        };
        /**
         * Artifact
         * @description Something to look at that a run made: kind markdown | table | link | image | progress; data by kind.
         */
        Artifact: {
            at: string;
            attempt: number;
            data: Record<string, unknown>;
            key: string;
            kind: string;
            number: number;
            run_id: string;
        };
        /**
         * ArtifactHead
         * @description An artifact, with its data if they are small. size: characters of the data as JSON. (attempt, stream, seq) name
         *         it within its run.
         */
        ArtifactHead: {
            at: string;
            attempt: number;
            data: Record<string, unknown> | null;
            key: string;
            kind: string;
            number: number;
            seq: number;
            size: number;
            stream: number;
        };
        /**
         * Attempt
         * @description An attempt as its run's history tells it. opened: why it was made.
         */
        Attempt: {
            began_at: string;
            ended_at: string | null;
            number: number;
            opened: string | null;
            reason: string | null;
            started_at: string | null;
            state: components["schemas"]["RunState"];
            state_name: string;
        };
        /**
         * AttemptQuery
         * @description The attempt that asks.
         */
        AttemptQuery: {
            attempt: number;
        };
        /**
         * BarsAnswer
         * @description Tasks in columns: the n-th item of every list is one task. `name`, `state` and `key` count in `names`, `states`
         *         and `keys`; times are milliseconds after `origin` (Unix milliseconds), null where there is none yet. `next` is the
         *         `after` of the next portion, null on the last.
         */
        BarsAnswer: {
            created: number[];
            ended: (number | null)[];
            flows: number[];
            name: number[];
            names: string[];
            next: number | null;
            number: number[];
            origin: number;
            parent: number[];
            started: (number | null)[];
            state: number[];
            states: string[];
            tries: number[];
            upstream: number[][];
        };
        /**
         * BarsQuery
         * @description Which tasks of an attempt, by number above `after`; `upstream` also tells what each waited for.
         */
        BarsQuery: {
            /** @default 0 */
            after: number;
            attempt: number;
            /** @default 20000 */
            limit: number;
            /** @default false */
            upstream: boolean;
        };
        /**
         * BulkBody
         * @description What to do with all runs that match and for which it can be done. `after` is the `next` of the answer before.
         *         `until` should be given: runs that are made meanwhile are left alone then.
         */
        BulkBody: {
            /** @enum {unknown} */
            action: "cancel" | "delete" | "retry";
            after?: string | null;
            deployment?: string | null;
            environment?: string | null;
            flow?: string | null;
            not_deployment?: string[];
            not_state?: components["schemas"]["RunState"][];
            not_tag?: string[];
            project?: string | null;
            since?: string | null;
            state?: components["schemas"]["RunState"][];
            tag?: string[];
            text?: string | null;
            until?: string | null;
        };
        /**
         * BulkOutcome
         * @description What came of an action on a portion of many runs. next: where to go on, None at the end.
         */
        BulkOutcome: {
            done: number;
            next: string | null;
            refused: components["schemas"]["Refusal"][];
        };
        /**
         * Calendar
         * @description start < at <= end. days: those that have runs. expected: the runs in order, unless there are too many
         *         (`shortened`): then the first. often: schedules that are not counted. paused: deployment/schedule. unknown:
         *         deployments whose duration nobody knows, so that they load nothing.
         */
        Calendar: {
            changes: components["schemas"]["ClockChangeShown"][];
            clashes: components["schemas"]["Clash"][];
            days: components["schemas"]["CalendarDay"][];
            end: string;
            expected: components["schemas"]["Expected"][];
            often: components["schemas"]["Often"][];
            overlaps: components["schemas"]["OverlapShown"][];
            paused: string[];
            shortened: boolean;
            start: string;
            timezone: string;
            total: number;
            unknown: string[];
        };
        /**
         * CalendarDay
         * @description A local day. hours: runs that start in each of its 24 hours. busy_seconds: how long its runs usually take,
         *         together. deployments: how many different ones.
         */
        CalendarDay: {
            busy_seconds: number;
            /** Format: date */
            date: string;
            deployments: number;
            hours: number[];
            runs: number;
        };
        /**
         * CalendarQuery
         * @description Which time, and by whose days.
         */
        CalendarQuery: {
            end: string;
            /** @default production */
            environment: string;
            project: string;
            start: string;
            /** @default UTC */
            timezone: string;
        };
        /**
         * CalendarSpec
         * @description Days and times of day by name, as `schedules.calendars` reads them. dates: `2026-11-03` or
         *         `2026-12-24..2027-01-01`, none for every day. windows: name -> `18:00-21:00`, none for the whole day.
         */
        CalendarSpec: {
            dates?: string[];
            name: string;
            timezone: string;
            windows?: {
                [key: string]: string;
            };
        };
        /**
         * CalendarUse
         * @description A schedule starts nothing where one of `skip` holds, nor where none of `only` does, if there are any.
         */
        CalendarUse: {
            only?: components["schemas"]["CalendarSpec"][];
            skip?: components["schemas"]["CalendarSpec"][];
        };
        /**
         * CancelBody
         * @description Why the run is cancelled.
         */
        CancelBody: {
            reason?: string | null;
        };
        /**
         * Cause
         * @description One thing that needs attention, with all the runs it is the reason of.
         *
         *         id: the same for the same kind and words, whichever numbers they hold. title: the reason's first line. count: how
         *         many runs; runs: the newest of each deployment, newest first, at most 50. since, latest: when the oldest and the
         *         newest came to be so. pool: of kind `worker`.
         */
        Cause: {
            count: number;
            deployments: string[];
            id: string;
            /** @enum {unknown} */
            kind: "asks" | "crashed" | "failed" | "late" | "source" | "stuck" | "worker";
            latest: string;
            /** @default null */
            mark: components["schemas"]["Mark"] | null;
            /** @default null */
            pool: string | null;
            runs: components["schemas"]["CauseRun"][];
            since: string;
            title: string;
        };
        /**
         * CauseRun
         * @description A run that a cause shows.
         */
        CauseRun: {
            at: string;
            deployment: string | null;
            id: string;
            name: string;
            state: components["schemas"]["RunState"];
            state_name: string;
        };
        /**
         * ChangesQuery
         * @description Which earlier run to compare with; the newest that completed if left out.
         */
        ChangesQuery: {
            /** @default null */
            base: string | null;
        };
        /**
         * CheckBody
         * @description Parameters that a run might be started with.
         */
        CheckBody: {
            parameters?: Record<string, unknown>;
        };
        /**
         * ClaimAnswer
         * @description The jobs claimed.
         */
        ClaimAnswer: {
            jobs: components["schemas"]["Job"][];
        };
        /**
         * ClaimBody
         * @description Ask for up to `slots` jobs, waiting for the first; 0 only says that the worker is there.
         *
         *         Repeating `key` repeats the answer. `session` is the registration's, `number` ascends with every new key: a copy of
         *         an older claim gets nothing.
         */
        ClaimBody: {
            key: string;
            number?: number;
            session?: string;
            slots: number;
            wait?: number;
            worker_id: string;
        };
        /**
         * Clash
         * @description A limit that is asked for more than it has: `peak` at once where it has `capacity`, first at `at`, for `seconds`
         *         in all.
         */
        Clash: {
            at: string;
            capacity: number;
            limit: string;
            peak: number;
            seconds: number;
        };
        /**
         * ClockChangeShown
         * @description A zone's clock goes forward (`seconds` above zero) or back; `runs` are due near it.
         */
        ClockChangeShown: {
            at: string;
            runs: number;
            seconds: number;
            timezone: string;
        };
        /**
         * CodeChanges
         * @description What changed since another run. same: the code is the same. unknown: why nothing can be told of the code.
         */
        CodeChanges: {
            base: components["schemas"]["FlowRun"] | null;
            base_release: components["schemas"]["Release"] | null;
            files: components["schemas"]["FileChange"][];
            more: number;
            release: components["schemas"]["Release"] | null;
            same: boolean;
            unknown: string | null;
        };
        /**
         * CodeFile
         * @description A file of the deployed code at `commit`. files: the paths of all of them, the first 5,000. binary: `text` is no
         *         use.
         */
        CodeFile: {
            binary: boolean;
            commit: string | null;
            files: string[];
            path: string;
            text: string;
        };
        /**
         * CodeQuery
         * @description Which file of the deployed code; the deployment's own if left out.
         */
        CodeQuery: {
            /** @default production */
            environment: string;
            /** @default null */
            path: string | null;
            project: string;
        };
        /**
         * Concurrency
         * @description At most `limit` live runs of the deployment.
         */
        Concurrency: {
            limit: number;
            /** @enum {unknown} */
            on_collision?: "queue" | "queue-latest" | "replace" | "skip";
        };
        /**
         * ConnectionSpec
         * @description A database connection. `options` by type; duckdb: {"database": path relative to the data folder, or
         *         ":memory:"}.
         */
        ConnectionSpec: {
            options?: Record<string, unknown>;
            /** @enum {unknown} */
            type: "duckdb";
        };
        /**
         * ConnectionStatus
         * @description A connection and who uses it. options hold no secret.
         */
        ConnectionStatus: {
            name: string;
            options: Record<string, unknown>;
            type: string;
            used_by: string[];
        };
        /**
         * ConnectionTrial
         * @description What came of trying a connection. seconds: how long opening it took. version: of the database that answered.
         *         what: a sentence; fix: what helps, if it is not ok. where: the database and the machine that tried it: one with
         *         workers on other machines may be another there.
         */
        ConnectionTrial: {
            fix: string | null;
            name: string;
            ok: boolean;
            seconds: number;
            type: string;
            version: string | null;
            what: string;
            where: string;
        };
        /**
         * CountQuery
         * @description Which runs are counted; with `action`, only those for which it can be done.
         */
        CountQuery: {
            /** @default null */
            action: ("cancel" | "delete" | "retry") | null;
            /** @default null */
            deployment: string | null;
            /** @default null */
            environment: string | null;
            /** @default null */
            flow: string | null;
            /** @default [] */
            not_deployment: string[];
            /** @default [] */
            not_state: components["schemas"]["RunState"][];
            /** @default [] */
            not_tag: string[];
            /** @default null */
            project: string | null;
            /** @default null */
            since: string | null;
            /** @default [] */
            state: components["schemas"]["RunState"][];
            /** @default [] */
            tag: string[];
            /** @default null */
            text: string | null;
            /** @default null */
            until: string | null;
        };
        /**
         * Credential
         * @description A credential that the database knows. id: the first digits of its hash, by which it is revoked and which open
         *         nothing. scope: of a deploy token what it may and where, of a session its end in Unix seconds.
         */
        Credential: {
            created_at: string;
            expires_at: string | null;
            id: string;
            kind: string;
            name: string;
            scope: string | null;
        };
        /**
         * DeployedThing
         * @description A deployment in the inventory: what runs, from which file, since when, how it went.
         *
         *         runs: its newest runs, the newest first. since: the release from which on it was declared as it is; None where
         *         retention removed that. release, commit: those whose code its next run executes. limits: names, with its own
         *         `concurrency` beside them. pause: of the deployment as a whole.
         */
        DeployedThing: {
            after: string[];
            commit: string | null;
            concurrency: number | null;
            connection: string | null;
            description: string | null;
            entrypoint: string;
            environment: string;
            flow_name: string;
            last_success: components["schemas"]["RunBar"] | null;
            limits: string[];
            name: string;
            next_run: string | null;
            pause: components["schemas"]["Pause"] | null;
            pool: string;
            project: string;
            release: number;
            runs: components["schemas"]["RunBar"][];
            schedules: components["schemas"]["ScheduleStatus"][];
            secrets: string[];
            since: components["schemas"]["Release"] | null;
            tags: string[];
            /** @default null */
            title: string | null;
        };
        /**
         * DeploymentDetail
         * @description One deployment with all that its page shows.
         *
         *         parameters: as turnout.yaml and the overrides give them; `${var:name}` stays a reference. usual_seconds: the median
         *         of its latest completed runs. deployed: the release whose code runs. waiting: why an `after` deployment has not
         *         started.
         */
        DeploymentDetail: {
            catch_up: string;
            deployed: components["schemas"]["Release"];
            followers: string[];
            next_runs: components["schemas"]["NextRun"][];
            on_crash: string;
            parameter_schema: Record<string, unknown>;
            parameters: Record<string, unknown>;
            priority: number;
            retries: number;
            thing: components["schemas"]["DeployedThing"];
            timeout_seconds: number | null;
            usual_seconds: number | null;
            waiting: string | null;
        };
        /**
         * DeploymentSpec
         * @description One entry under `deployments:`, every default filled in.
         */
        DeploymentSpec: {
            after?: string[];
            catch_up?: string;
            concurrency?: components["schemas"]["Concurrency"] | null;
            connection?: string | null;
            description?: string | null;
            entrypoint: string;
            flow_name: string;
            limits?: components["schemas"]["LimitUse"][];
            name: string;
            /** @enum {unknown} */
            on_crash?: "resume" | "stop";
            own_retries?: boolean;
            parameter_schema?: Record<string, unknown>;
            parameters?: Record<string, unknown>;
            pool?: string;
            priority?: number;
            retries?: number;
            retry_delay_seconds?: number;
            schedules?: components["schemas"]["ScheduleSpec"][];
            secrets?: string[];
            tags?: string[];
            timeout_seconds?: number | null;
            title?: string | null;
            was?: string | null;
        };
        /**
         * DeploymentStatus
         * @description A deployment as the server runs it now.
         */
        DeploymentStatus: {
            commit: string | null;
            description: string | null;
            entrypoint: string;
            environment: string;
            flow_name: string;
            last_run: components["schemas"]["FlowRun"] | null;
            name: string;
            next_runs: string[];
            parameter_schema: Record<string, unknown>;
            pool: string;
            project: string;
            release: number;
            schedules: string[];
            tags: string[];
            /** @default null */
            title: string | null;
            waiting: string | null;
        };
        /**
         * DeployTokenAnswer
         * @description A bearer token. may: `apply`, or only `plan`.
         */
        DeployTokenAnswer: {
            /** @enum {unknown} */
            may: "apply" | "plan";
            seconds: number;
            token: string;
        };
        /**
         * EmittedEvent
         * @description Something that a flow, or a person's tool, told that happened. id: tells it from others, also when it is told
         *         again; resource: labels of what it is about. seq and received: given by the server, in the order of coming.
         */
        EmittedEvent: {
            event: string;
            /** @default null */
            follows: string | null;
            id: string;
            occurred: string;
            payload?: Record<string, unknown>;
            /** @default null */
            received: string | null;
            /** @default [] */
            related: {
                [key: string]: string;
            }[];
            resource: {
                [key: string]: string;
            };
            /** @default null */
            run_id: string | null;
            /** @default 0 */
            seq: number;
        };
        /**
         * EventBody
         * @description Something that happened; telling an id twice tells it once.
         */
        EventBody: {
            event: string;
            follows?: string | null;
            id: string;
            occurred: string;
            payload?: Record<string, unknown>;
            related?: {
                [key: string]: string;
            }[];
            resource: {
                [key: string]: string;
            };
        };
        /**
         * EventsQuery
         * @description Which events, in the order of their coming: above the number `after`, named with `prefix` at the beginning.
         */
        EventsQuery: {
            /** @default 0 */
            after: number;
            /** @default production */
            environment: string;
            /** @default 50 */
            limit: number;
            /** @default  */
            prefix: string;
            project: string;
        };
        /**
         * Expected
         * @description A run that a schedule makes or made at `at`. seconds: how long it usually takes, None where nobody knows.
         */
        Expected: {
            at: string;
            deployment: string;
            schedule: string;
            seconds: number | null;
        };
        /**
         * FileChange
         * @description A file that differs between two bundles. kind: added | removed | changed | moved mode. diff: unified, None for
         *         what is no text or too large, which `note` says. cut: whether the diff goes on.
         */
        FileChange: {
            added: number;
            diff: string | null;
            kind: string;
            note: string | null;
            path: string;
            removed: number;
        };
        /**
         * FlowRun
         * @description One run of a flow; `state` and its companions are those of the latest attempt.
         */
        FlowRun: {
            attempt: number;
            crashes: number;
            created_at: string;
            created_by: string;
            deployment: string | null;
            due_at: string;
            ended_at: string | null;
            environment: string;
            failures: number;
            flow_name: string;
            id: string;
            /** @default null */
            lease_until: string | null;
            name: string;
            occurrence: string | null;
            parameters: Record<string, unknown>;
            pool: string | null;
            priority: number;
            project: string;
            reason: string | null;
            /** @default null */
            schedule: string | null;
            spec: components["schemas"]["RunSpec"];
            started_at: string | null;
            state: components["schemas"]["RunState"];
            state_at: string;
            state_name: string;
            tags: string[];
            /** @enum {unknown} */
            trigger: "after" | "manual" | "schedule" | "script";
            version: number;
            /** @default null */
            wait_reason: string | null;
            /** @default null */
            worker: string | null;
        };
        /**
         * FollowerBody
         * @description Who would follow.
         */
        FollowerBody: {
            holder: string;
        };
        /**
         * GithubDeploy
         * @description The GitHub repository whose workflows deploy this project without a stored key.
         *
         *         repository_id: the number that stays when a repository is renamed, and that no other one gets. branch: pushes to it
         *         apply; everything else of the repository plans. workflow: the only file (`.github/workflows/turnout.yml`) that may.
         *         environment: the GitHub environment that a job which applies must run in.
         */
        GithubDeploy: {
            branch?: string;
            environment?: string | null;
            repository_id: number;
            workflow?: string | null;
        };
        /**
         * Health
         * @description Alive; nothing else is told to strangers.
         */
        Health: {
            ok: boolean;
        };
        /**
         * Heartbeat
         * @description The server's answer to a renewal. command: None, or "cancel" with a reason.
         */
        Heartbeat: {
            /** @default null */
            command: string | null;
            lease_seconds: number;
            /** @default null */
            reason: string | null;
        };
        /**
         * HeartbeatBody
         * @description Renew the lease of an attempt; `wait` is for how long the answer may be held until there is a command.
         */
        HeartbeatBody: {
            attempt: number;
            wait?: number;
        };
        /**
         * HistoryEntry
         * @description One committed transition of a flow run; `version` has no gaps.
         */
        HistoryEntry: {
            at: string;
            attempt: number;
            by: string;
            name: string;
            reason: string | null;
            state: components["schemas"]["RunState"];
            version: number;
        };
        /**
         * Holder
         * @description Who holds a slot of a limit: a run, or a task of it (`holder`, its key).
         */
        Holder: {
            deployment: string | null;
            holder: string;
            run_id: string;
            run_name: string;
            since: string;
            weight: number;
        };
        /**
         * Home
         * @description The first page. causes: those that nobody marked, the latest first; quiet: those that somebody did.
         *
         *         hours: the last 24 h by deployment, of those runs that were made in it; complete: whether of all of them.
         *         deployments: every name; paused: of those, what is paused as a whole. states: state -> number of runs that are not
         *         over.
         */
        Home: {
            causes: components["schemas"]["Cause"][];
            complete: boolean;
            deployments: string[];
            hours: components["schemas"]["HourCount"][];
            next_up: components["schemas"]["NextUp"][];
            now: string;
            paused: string[];
            quiet: components["schemas"]["Cause"][];
            states: {
                [key: string]: number;
            };
            workers_online: number;
        };
        /**
         * HourCount
         * @description Runs of a deployment that were due in one hour, in one state. hour: hours since 1970 UTC. newest: an id.
         */
        HourCount: [
            string,
            number,
            components["schemas"]["RunState"],
            number,
            string
        ];
        /**
         * IdentityBody
         * @description The identity token of a GitHub workflow, and what it wants to deploy.
         */
        IdentityBody: {
            environment?: string;
            project?: string;
            token?: string;
        };
        /**
         * InventoryQuery
         * @description What is in production, each with its newest `runs`.
         */
        InventoryQuery: {
            /** @default production */
            environment: string;
            project: string;
            /** @default 20 */
            runs: number;
        };
        /**
         * Job
         * @description One attempt of one run, claimed. Everything is plain and JSON-able.
         *
         *         token: the run token: good for this attempt's journal, heartbeat and report, until it is fenced.
         *         variables: resolved values at the time of the claim. secrets: name -> fields, values are found by the worker.
         *         resume: the engine shall fetch and reuse acknowledged steps of earlier attempts.
         */
        Job: {
            connections?: {
                [key: string]: Record<string, unknown>;
            };
            lease_seconds: number;
            parameters?: Record<string, unknown>;
            resume: boolean;
            run: components["schemas"]["FlowRun"];
            secrets?: {
                [key: string]: string[];
            };
            token: string;
            variables?: Record<string, unknown>;
        };
        /**
         * JournalQuery
         * @description Where the journal lines of the body belong; `first` is the number of the first.
         */
        JournalQuery: {
            attempt: number;
            first: number;
            stream: number;
        };
        /**
         * LimitSpec
         * @description At most `concurrency` at once, `rate` (as in `10/s`) starts, or both, over all runs that list it or carry one of
         *         `tags`, and over the tasks that ask for it.
         */
        LimitSpec: {
            concurrency?: number | null;
            rate?: string | null;
            tags?: string[];
        };
        /**
         * LimitStatus
         * @description A limit as it is used now. held: the weights taken; waiting: runs that are due and tasks that wait for it.
         *
         *         next_at: when its rate lets the next one through, if that is not at once. line: the first of those that wait, in
         *         order; their `since` is from when on.
         */
        LimitStatus: {
            concurrency: number | null;
            environment: string;
            held: number;
            holders: components["schemas"]["Holder"][];
            /** @enum {unknown} */
            kind: "deployment" | "limit" | "pool";
            /** @default [] */
            line: components["schemas"]["Holder"][];
            name: string;
            next_at: string | null;
            project: string;
            rate: string | null;
            waiting: number;
        };
        /**
         * LimitUse
         * @description A named limit that every run of a deployment needs, and how much of it.
         */
        LimitUse: {
            name: string;
            weight?: number;
        };
        /**
         * LiveQuery
         * @description The id of the last event seen.
         */
        LiveQuery: {
            /** @default null */
            after: string | null;
        };
        /**
         * LoginLinkAnswer
         * @description A link that logs one browser in, once.
         */
        LoginLinkAnswer: {
            seconds: number;
            url: string;
        };
        /**
         * LogLine
         * @description One log line. (attempt, stream, seq) orders and identifies it; `number` is the task's, 0 for the flow.
         */
        LogLine: {
            at: number;
            attempt: number;
            level: number;
            logger: string;
            message: string;
            number: number;
            seq: number;
            stream: number;
        };
        /**
         * LogRow
         * @description A log line and its row: how many lines of its attempt arrived before it. A row never changes.
         */
        LogRow: [
            number,
            components["schemas"]["LogLine"]
        ];
        /**
         * LogsAnswer
         * @description Log lines, and the cursor to ask for the next with; null once the run is over and everything was read. Lines of a
         *         worker that was cut off may arrive later: `position`, given back as the cursor, finds them.
         */
        LogsAnswer: {
            cursor: string | null;
            items: components["schemas"]["LogLine"][];
            position: string;
        };
        /**
         * LogSearchAnswer
         * @description The rows that match, in order; with `lines` asked for also what they say, as in the log's own answer. next: the
         *         `first` to go on from, null once the whole log was searched.
         */
        LogSearchAnswer: {
            lines: [
                number,
                number,
                number,
                number,
                number,
                string,
                string
            ][];
            next: number | null;
            rows: number[];
        };
        /**
         * LogSearchQuery
         * @description Which lines of an attempt's log, from row `first` on: with `text` in any case, of `level` or above, of `task`
         *         (its number; 0: the flow itself).
         */
        LogSearchQuery: {
            attempt: number;
            /** @default 0 */
            first: number;
            /** @default null */
            level: number | null;
            /** @default 1000 */
            limit: number;
            /** @default false */
            lines: boolean;
            /** @default null */
            task: number | null;
            /** @default  */
            text: string;
        };
        /**
         * LogsQuery
         * @description Which log lines; `wait` is for how many seconds the answer may be held until there is news. In the order of their
         *         `arrival` nothing is missed that an earlier attempt tells late; else they come by attempt. A cursor is good for one
         *         order.
         */
        LogsQuery: {
            /** @default false */
            arrival: boolean;
            /** @default null */
            attempt: number | null;
            /** @default null */
            cursor: string | null;
            /** @default 1000 */
            limit: number;
            /** @default 0 */
            wait: number;
        };
        /**
         * Mark
         * @description What a person said of a cause: seen (until None: until it happens again), or leave it until then.
         */
        Mark: {
            at: string;
            by: string;
            until: string | null;
        };
        /**
         * MarkBody
         * @description Until when a cause is left alone; null: until it shows again.
         */
        MarkBody: {
            until?: string | null;
        };
        /**
         * MaybeNamespaceQuery
         * @description Which project and environment; all of them without a project.
         */
        MaybeNamespaceQuery: {
            /** @default production */
            environment: string;
            /** @default null */
            project: string | null;
        };
        /**
         * MaybeValue
         * @description A value, null if there is none.
         */
        MaybeValue: {
            value: components["schemas"]["StoredValue"] | null;
        };
        /**
         * Misfit
         * @description A parameter that a flow cannot use. path: the parameter's name, then keys and positions within it.
         */
        Misfit: {
            message: string;
            path: (string | number)[];
        };
        /**
         * NamespaceQuery
         * @description Which project and environment.
         */
        NamespaceQuery: {
            /** @default production */
            environment: string;
            project: string;
        };
        /**
         * NextRun
         * @description A run that a schedule will make.
         */
        NextRun: {
            at: string;
            schedule: string;
        };
        /**
         * NextUp
         * @description The next run of a deployment's schedules.
         */
        NextUp: {
            at: string;
            deployment: string;
        };
        /**
         * Often
         * @description A schedule that starts too often to be drawn one by one.
         */
        Often: {
            deployment: string;
            schedule: string;
            sentence: string;
        };
        /**
         * OverlapShown
         * @description A deployment's runs that are due before an earlier one of it is usually over.
         */
        OverlapShown: {
            deployment: string;
            first: string;
            runs: number;
            usual_seconds: number;
        };
        /**
         * Override
         * @description name: of the deployment, or of the variable. key: the schedule (None: the whole deployment) that is paused, or
         *         the parameter. value: what holds instead of the repository's; True for a pause. until: when it ends by itself.
         */
        Override: {
            at: string;
            by: string;
            key: string | null;
            /** @enum {unknown} */
            kind: "parameter" | "pause" | "variable";
            name: string;
            /** @default null */
            reason: string | null;
            /** @default null */
            until: string | null;
            value: unknown;
        };
        /**
         * OverrideBody
         * @description What is overridden: `key` of deployment `name`, or variable `name`; with what, why, and until when (null: until
         *         it is dropped).
         */
        OverrideBody: {
            key?: string | null;
            /** @enum {unknown} */
            kind: "parameter" | "variable";
            name: string;
            reason?: string | null;
            until?: string | null;
            value?: unknown;
        };
        /**
         * OverrideQuery
         * @description Which override.
         */
        OverrideQuery: {
            /** @default production */
            environment: string;
            /** @default null */
            key: string | null;
            /** @enum {unknown} */
            kind: "parameter" | "variable";
            name: string;
            project: string;
        };
        /**
         * OverviewQuery
         * @description Which attempt's tasks and log; the latest's if left out.
         */
        OverviewQuery: {
            /** @default null */
            attempt: number | null;
        };
        /**
         * Pause
         * @description What a person paused on the server: a schedule, or with `schedule` None the whole deployment; until: when it goes
         *         on by itself.
         */
        Pause: {
            at: string;
            by: string;
            deployment: string;
            /** @default null */
            reason: string | null;
            schedule: string | null;
            /** @default null */
            until: string | null;
        };
        /**
         * PauseBody
         * @description What to pause, null for the whole deployment, why, and until when (null: until it is resumed).
         */
        PauseBody: {
            reason?: string | null;
            schedule?: string | null;
            until?: string | null;
        };
        /**
         * PlanBody
         * @description What should be deployed.
         */
        PlanBody: {
            snapshot: components["schemas"]["Snapshot"];
        };
        /**
         * Policy
         * @description How a run is treated; copied from its deployment when the run is made, so that later releases don't reach it.
         */
        Policy: {
            /** @default 20 */
            crash_limit: number;
            /**
             * @default stop
             * @enum {unknown}
             */
            on_crash: "resume" | "stop";
            /** @default true */
            own_retries: boolean;
            /** @default 0 */
            retries: number;
            /** @default 0 */
            retry_delay_seconds: number;
            /** @default null */
            timeout_seconds: number | null;
        };
        /**
         * PoolSpec
         * @description Where runs execute.
         */
        PoolSpec: {
            concurrency?: number | null;
            /** @enum {unknown} */
            type?: "process";
        };
        /**
         * PoolStatus
         * @description A pool and what uses it. deployments: names. online, places: workers that are heard of, and their capacity.
         */
        PoolStatus: {
            concurrency: number | null;
            declared: boolean;
            deployments: string[];
            name: string;
            offline: number;
            online: number;
            places: number;
            taken: number;
            type: string;
        };
        /**
         * Problem
         * @description The body of every error: `code` is stable, `where` names the place, `fix` says how to mend it.
         */
        Problem: {
            code: string;
            detail?: string | null;
            fix?: string | null;
            status: number;
            title: string;
            type: string;
            where?: string | null;
        };
        /**
         * Question
         * @description What a paused run waits for. key: of the pause, the same in every attempt. form: the JSON Schema of the answer,
         *         None for a plain go-ahead. until: when it is not waited for any more.
         */
        Question: {
            asked_at: string;
            description: string | null;
            form: Record<string, unknown> | null;
            key: string;
            until: string | null;
        };
        /**
         * QuestionAnswer
         * @description What a run waits for, null if it is not paused.
         */
        QuestionAnswer: {
            question: components["schemas"]["Question"] | null;
        };
        /**
         * Refusal
         * @description A run that an action on many was refused for, and why.
         */
        Refusal: {
            id: string;
            name: string;
            why: string;
        };
        /**
         * RegisterBody
         * @description A worker says hello; `holding` are the (run, attempt) pairs that have a spool there.
         */
        RegisterBody: {
            capacity: number;
            holding?: [
                string,
                number
            ][];
            name: string;
            pool: string;
            project: string;
            protocol?: number;
            session?: string;
            version?: string;
            worker_id: string;
        };
        /**
         * Release
         * @description One applied state of a repository.
         */
        Release: {
            applied_at: string;
            applied_by: string;
            author: string | null;
            bundle: string | null;
            commit: string | null;
            environment: string;
            message: string | null;
            number: number;
            project: string;
            summary?: {
                [key: string]: number;
            };
        };
        /**
         * ReleaseDetail
         * @description A release and what it changed of the one before; previous: that one's number, None for the first and where it is
         *         not kept, and then nothing is known. newest: whether it is deployed. code_kept: whether going back is possible.
         */
        ReleaseDetail: {
            code_kept: boolean;
            deployments: number;
            newest: number;
            operations: Record<string, unknown>[];
            previous: number | null;
            previous_commit: string | null;
            release: components["schemas"]["Release"];
        };
        /**
         * ReleasesQuery
         * @description Which releases, newest first; `after` is the number of the last one seen.
         */
        ReleasesQuery: {
            /** @default null */
            after: number | null;
            /** @default production */
            environment: string;
            /** @default 50 */
            limit: number;
            project: string;
        };
        /**
         * ReportBody
         * @description How an attempt ended, as its supervisor or worker saw it.
         */
        ReportBody: {
            attempt: number;
            /** @enum {unknown} */
            event: "cancelled" | "failed" | "lost";
            reason: string;
        };
        /**
         * RerunPreview
         * @description What running again from the failure would do. reused: steps whose result is kept, by name; a changed parameter
         *         has those run again whose inputs it changes. again: steps of the latest attempt that did not complete, by name.
         *         complete: whether all were counted. own, newest: the commits to choose from; newest None where there is no other.
         */
        RerunPreview: {
            again: {
                [key: string]: number;
            };
            complete: boolean;
            newest: string | null;
            newest_schema: Record<string, unknown>;
            own: string | null;
            own_schema: Record<string, unknown>;
            parameters: Record<string, unknown>;
            possible: boolean;
            reused: {
                [key: string]: number;
            };
            why_not: string | null;
        };
        /**
         * ResumeBody
         * @description What goes on, null for the whole deployment.
         */
        ResumeBody: {
            schedule?: string | null;
        };
        /**
         * RetryBody
         * @description Whether completed steps with stored results are reused. parameters: all that the run has from now on, its own if
         *         left out. newest: with the code that is deployed now, else with its own.
         */
        RetryBody: {
            from_failure?: boolean;
            newest?: boolean;
            parameters?: Record<string, unknown> | null;
        };
        /**
         * RollbackBody
         * @description Which release to go back to; the one before the newest if left out. Refused with `conflict` when the release
         *         deployed now is not `expected_release`.
         */
        RollbackBody: {
            expected_release?: number | null;
            number?: number | null;
        };
        /**
         * RollbackQuery
         * @description Which release to look back at; the one before the newest if left out.
         */
        RollbackQuery: {
            /** @default production */
            environment: string;
            /** @default null */
            number: number | null;
            project: string;
        };
        /**
         * RowsAnswer
         * @description Lines of a log in columns, from row `first` on: [stream, seq, task, Unix seconds, level, logger, message] each.
         *         size: how many rows there are now; over: no more are expected.
         */
        RowsAnswer: {
            first: number;
            lines: [
                number,
                number,
                number,
                number,
                number,
                string,
                string
            ][];
            over: boolean;
            size: number;
        };
        /**
         * RowsOfRuns
         * @description A page of runs; `next` is the `after` of the next page, null on the last. A page that took long to fill ends
         *         early, even with no items.
         */
        RowsOfRuns: {
            items: components["schemas"]["RunRow"][];
            next: string | null;
        };
        /**
         * RowsQuery
         * @description Which rows of an attempt's log: `limit` from row `first` on. `wait` is for how many seconds the answer may be
         *         held until there are some.
         */
        RowsQuery: {
            attempt: number;
            /** @default 0 */
            first: number;
            /** @default 1000 */
            limit: number;
            /** @default 0 */
            wait: number;
        };
        /**
         * RunBar
         * @description A run as a bar of a strip: how it stands and how long it took.
         */
        RunBar: {
            due_at: string;
            ended_at: string | null;
            id: string;
            name: string;
            started_at: string | null;
            state: components["schemas"]["RunState"];
            state_name: string;
        };
        /**
         * RunCount
         * @description state -> number of runs; complete: whether every run was looked at, else there may be more.
         */
        RunCount: {
            complete: boolean;
            states: {
                [key: string]: number;
            };
        };
        /**
         * RunInput
         * @description Something that a run was told; `number` counts within the run, `key` tells one thing from another.
         */
        RunInput: {
            at: string;
            key: string;
            number: number;
            sender: string | null;
            value: unknown;
        };
        /**
         * RunOverview
         * @description All that the page of a run shows at once; of `attempt` are the counts, the failed tasks, the log's end.
         *
         *         sentence: why the run is in its state. worker: its name. release: what was deployed when the run was made.
         *         tasks: state -> number. failed: those tasks that failed first. log_lines: how many there are; log_end: the last,
         *         as rows; first_error: the first row of level ERROR or above. last_good: id of the newest earlier run of the
         *         deployment that completed. large: whether the parameters were left out of `run` because of their size.
         */
        RunOverview: {
            artifacts: components["schemas"]["ArtifactHead"][];
            attempt: number;
            attempts: components["schemas"]["Attempt"][];
            deployed: boolean;
            failed: components["schemas"]["TaskRun"][];
            first_error: number | null;
            history: components["schemas"]["HistoryEntry"][];
            large: boolean;
            last_good: string | null;
            log_end: components["schemas"]["LogRow"][];
            log_lines: number;
            question: components["schemas"]["Question"] | null;
            release: components["schemas"]["Release"] | null;
            run: components["schemas"]["FlowRun"];
            sentence: string;
            tasks: {
                [key: string]: number;
            };
            usual: components["schemas"]["Usual"] | null;
            worker: string | null;
        };
        /**
         * RunQuery
         * @description `wait` is for how many seconds the answer may be held until the run is over.
         */
        RunQuery: {
            /** @default 0 */
            wait: number;
        };
        /**
         * RunRow
         * @description A run as a row of a list. parameters: their JSON, cut.
         */
        RunRow: {
            attempt: number;
            commit: string | null;
            created_at: string;
            created_by: string;
            deployment: string | null;
            due_at: string;
            ended_at: string | null;
            environment: string;
            flow_name: string;
            id: string;
            name: string;
            parameters: string;
            project: string;
            started_at: string | null;
            state: components["schemas"]["RunState"];
            state_name: string;
            tags: string[];
            trigger: string;
            why: string | null;
        };
        /**
         * RunsAnswer
         * @description A page of runs; `next` is the `after` of the next page, null on the last. A page that took long to fill ends
         *         early, even with no items; `next` goes on from there.
         */
        RunsAnswer: {
            items: components["schemas"]["FlowRun"][];
            next: string | null;
        };
        /**
         * RunSpec
         * @description What to execute; fixed when the run is made.
         *
         *         entrypoint: `flows/van.py:update` or `sql/model.sql`, relative to the bundle's root.
         *         bundle: SHA-256 of the code bundle, None for scripts. commit: git SHA (with `+dirty.<digest>` when dirty).
         */
        RunSpec: {
            /** @default null */
            bundle: string | null;
            /** @default null */
            commit: string | null;
            /** @default null */
            connection: string | null;
            entrypoint: string;
            /**
             * @default {
             *       "crash_limit": 20,
             *       "on_crash": "stop",
             *       "own_retries": true,
             *       "retries": 0,
             *       "retry_delay_seconds": 0,
             *       "timeout_seconds": null
             *     }
             */
            policy: components["schemas"]["Policy"];
            /** @default null */
            release: number | null;
            /** @default [] */
            secrets: string[];
        };
        /**
         * RunsQuery
         * @description Which runs, newest first; `after` is the id of the last run seen.
         */
        RunsQuery: {
            /** @default null */
            after: string | null;
            /** @default null */
            deployment: string | null;
            /** @default null */
            environment: string | null;
            /** @default null */
            flow: string | null;
            /** @default 50 */
            limit: number;
            /** @default [] */
            not_deployment: string[];
            /** @default [] */
            not_state: components["schemas"]["RunState"][];
            /** @default [] */
            not_tag: string[];
            /** @default null */
            project: string | null;
            /** @default null */
            since: string | null;
            /** @default [] */
            state: components["schemas"]["RunState"][];
            /** @default [] */
            tag: string[];
            /** @default null */
            text: string | null;
            /** @default null */
            until: string | null;
        };
        /**
         * RunState
         * @description What a run (flow or task) is doing. State belongs to one *attempt*; a run shows its latest attempt's.
         * @enum {unknown}
         */
        RunState: "cancelled" | "cancelling" | "completed" | "crashed" | "failed" | "paused" | "pending" | "running" | "scheduled" | "skipped";
        /**
         * SavedView
         * @description A view of the list of runs that everybody of a project sees. query: that of the list's address, from its question
         *         mark on. author: who saved it first.
         */
        SavedView: {
            author: string;
            changed_at: string;
            changed_by: string;
            created_at: string;
            id: string;
            name: string;
            query: string;
        };
        /**
         * SavedViewBody
         * @description A view of the list of runs; `query` is that of the list's address, from its question mark on.
         */
        SavedViewBody: {
            name: string;
            query: string;
        };
        /**
         * SavedViewChange
         * @description What is to be different.
         */
        SavedViewChange: {
            name?: string | null;
            query?: string | null;
        };
        /**
         * ScheduleSpec
         * @description One schedule. Exactly one of cron, every (seconds), rrule. `slug` is its identity across edits.
         */
        ScheduleSpec: {
            anchor?: string | null;
            calendar?: components["schemas"]["CalendarUse"] | null;
            catch_up?: string | null;
            cron?: string | null;
            every?: number | null;
            parameters?: Record<string, unknown>;
            paused?: boolean;
            rrule?: string | null;
            slug: string;
            timezone?: string;
        };
        /**
         * ScheduleStatus
         * @description A schedule as the server follows it. sentence: what it says, for people.
         *
         *         paused: nothing of it starts, whoever says so. declared_paused: turnout.yaml says so. pause: what a person said.
         *         next_run: None while it is paused, and once it never fires again.
         */
        ScheduleStatus: {
            declared_paused: boolean;
            next_run: string | null;
            parameters: Record<string, unknown>;
            pause: components["schemas"]["Pause"] | null;
            paused: boolean;
            sentence: string;
            slug: string;
            timezone: string;
        };
        /**
         * SecretSpec
         * @description A secret's name and fields; never a value. `source`: builtin (environment, then the 0600 file).
         */
        SecretSpec: {
            fields: string[];
            /** @enum {unknown} */
            source?: "builtin";
        };
        /**
         * SecretStatus
         * @description A secret's name; its values are never on the server. used_by: deployments.
         */
        SecretStatus: {
            fields: string[];
            name: string;
            source: string;
            used_by: string[];
        };
        /**
         * SendBody
         * @description What a run is told; it is told once under a key.
         */
        SendBody: {
            key: string;
            sender?: string | null;
            value?: unknown;
        };
        /**
         * SlotAnswer
         * @description Whether the task has its slot; else what it waits for, and when a rate lets the next one through. It keeps its
         *         place in line when it asks again within ten seconds.
         */
        SlotAnswer: {
            held: boolean;
            /** @default null */
            next_at: string | null;
            /** @default null */
            reason: string | null;
        };
        /**
         * SlotBody
         * @description A task (`holder`, its key within the run) wants `weight` of a named limit; `wait` is for how long the answer may
         *         be held until there is room.
         */
        SlotBody: {
            attempt: number;
            holder: string;
            limit: string;
            wait?: number;
            weight?: number;
        };
        /**
         * SlotQuery
         * @description Which task's slot of which limit.
         */
        SlotQuery: {
            attempt: number;
            holder: string;
            limit: string;
        };
        /**
         * Snapshot
         * @description Everything one project declares for one environment.
         */
        Snapshot: {
            connections?: {
                [key: string]: components["schemas"]["ConnectionSpec"];
            };
            deploy_github?: components["schemas"]["GithubDeploy"] | null;
            deployments?: {
                [key: string]: components["schemas"]["DeploymentSpec"];
            };
            environment?: string;
            limits?: {
                [key: string]: components["schemas"]["LimitSpec"];
            };
            pools?: {
                [key: string]: components["schemas"]["PoolSpec"];
            };
            project: string;
            secrets?: {
                [key: string]: components["schemas"]["SecretSpec"];
            };
            timezone?: string | null;
            variables?: Record<string, unknown>;
        };
        /**
         * SnapshotAnswer
         * @description What is deployed; both null before the first apply.
         */
        SnapshotAnswer: {
            release: number | null;
            snapshot: components["schemas"]["Snapshot"] | null;
        };
        /**
         * Source
         * @description The latest report and when it came; `asked`: how often somebody said that there is news.
         */
        Source: {
            /** @default 0 */
            asked: number;
            /** @default null */
            at: string | null;
            /** @default null */
            report: components["schemas"]["SourceReport"] | null;
        };
        /**
         * SourceBody
         * @description What a follower tells: `core.source.SourceReport`.
         */
        SourceBody: {
            author?: string | null;
            branch: string;
            commit?: string | null;
            message?: string | null;
            problems?: string[];
            project?: string | null;
            release?: number | null;
            repository: string;
            /** @enum {unknown} */
            state: "applied" | "refused" | "unreachable";
        };
        /**
         * SourceQuery
         * @description `wait` is for how many seconds the answer may be held while the count of news is still `asked`.
         */
        SourceQuery: {
            /** @default null */
            asked: number | null;
            /** @default 0 */
            wait: number;
        };
        /**
         * SourceReport
         * @description What came of a look at the branch.
         *
         *         state: `applied`: the server equals the commit; `refused`: the commit is wrong, and the release before it goes on;
         *         `unreachable`: there was no commit to be had. repository: its address, without a password. problems: in full
         *         sentences, as `turnout check` prints them. release: the one that holds now, if it is known.
         */
        SourceReport: {
            /** @default null */
            author: string | null;
            branch: string;
            /** @default null */
            commit: string | null;
            /** @default null */
            message: string | null;
            /** @default [] */
            problems: string[];
            /** @default null */
            project: string | null;
            /** @default null */
            release: number | null;
            repository: string;
            /** @enum {unknown} */
            state: "applied" | "refused" | "unreachable";
        };
        /**
         * StoredValue
         * @description A value that was set at run time. kind: `variable`, or `block.<type>`; content: plain JSON, without secrets.
         */
        StoredValue: {
            changed_at: string;
            changed_by: string;
            content: unknown;
            kind: string;
            name: string;
            tags: string[];
        };
        /**
         * TaskRun
         * @description A task, or an in-process subflow, of one attempt of a flow run.
         *
         *         number: unique within (flow run, attempt); 0 is the flow itself and never appears here.
         *         key: the step's identity across attempts, e.g. `load#0` or `subflow#0/load#2`.
         *         timeline: every transition as (state, name, Unix seconds), in order.
         *         result: {"inline": typed JSON} | {"ref", "format", "digest", "size"} | {"unstored": why} | None while unfinished.
         */
        TaskRun: {
            attempt: number;
            created_at: string;
            ended_at: string | null;
            key: string;
            /** @enum {unknown} */
            kind: "flow" | "task";
            name: string;
            number: number;
            parent: number;
            reason: string | null;
            result: Record<string, unknown> | null;
            run_id: string;
            started_at: string | null;
            state: components["schemas"]["RunState"];
            state_name: string;
            tags: string[];
            timeline: [
                string,
                string,
                number
            ][];
            tries: number;
            upstream: number[];
        };
        /**
         * TasksQuery
         * @description Which tasks of a run, by number; `after` is the last number seen. Without `attempt`: of the latest
         *         attempt that has any.
         */
        TasksQuery: {
            /** @default null */
            after: number | null;
            /** @default null */
            attempt: number | null;
            /** @default 50 */
            limit: number;
        };
        /**
         * TextQuery
         * @description Which attempt's log.
         */
        TextQuery: {
            attempt: number;
        };
        /**
         * ToldQuery
         * @description What of that: under keys that begin with `prefix`, from the number after `after` on. `wait` is for how many
         *         seconds the answer may be held until there is some.
         */
        ToldQuery: {
            /** @default 0 */
            after: number;
            /** @default  */
            prefix: string;
            /** @default 0 */
            wait: number;
        };
        /**
         * TrialBody
         * @description Nothing yet: a connection is tried as it is deployed.
         */
        TrialBody: Record<string, unknown>;
        /**
         * TriggerBody
         * @description What a run is started with.
         */
        TriggerBody: {
            due_at?: string | null;
            name?: string | null;
            parameters?: Record<string, unknown> | null;
            priority?: number | null;
            tags?: string[];
        };
        /**
         * TriggerQuery
         * @description Where a run is to be started; with `explain`, the answer says why it waits, which takes a second look.
         */
        TriggerQuery: {
            /** @default production */
            environment: string;
            /** @default false */
            explain: boolean;
            project: string;
        };
        /**
         * Usual
         * @description How long the latest completed runs of a deployment took, in seconds: the middle one, and those between which nine
         *         of ten lie. count: how many were looked at.
         */
        Usual: {
            count: number;
            high: number;
            low: number;
            median: number;
        };
        /**
         * ValueBody
         * @description What a value is set to; `replace`: also if it is set already.
         */
        ValueBody: {
            content: unknown;
            replace?: boolean;
            tags?: string[];
        };
        /**
         * Worker
         * @description A worker and when it was last heard of.
         */
        Worker: {
            capacity: number;
            id: string;
            /** @default 30 */
            lease_seconds: number;
            name: string;
            pool: string;
            project: string;
            seen_at: string;
            started_at: string;
            /**
             * @default online
             * @enum {unknown}
             */
            state: "offline" | "online";
            version: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    apply: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ApplyBody"];
            };
        };
        responses: {
            /** @description Make the server equal the snapshot, all or nothing. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mark_cause: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                cause: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["MarkBody"];
            };
        };
        responses: {
            /** @description Acknowledge a cause, which then stays quiet until it shows again; or with `until`, until then. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: boolean;
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unmark_cause: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                cause: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take back what was said of a cause. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: boolean;
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Store a code bundle under its SHA-256. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    has_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether a code bundle is stored, so that it need not be sent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_calendar: {
        parameters: {
            query: {
                end: string;
                environment?: string;
                project: string;
                start: string;
                timezone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What schedules start after `start` and up to `end`, at most 45 days, by days of `timezone`; where they ask for more of a limit than there is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Calendar"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_connections: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Connections with the deployments that use them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionStatus"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_connection: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TrialBody"];
            };
        };
        responses: {
            /** @description Try a connection on the server's machine, in its data folder: `ok`, or what is wrong and how to mend it. It is opened for reading and nothing is made; a worker on another machine may have another database. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionTrial"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions of browsers, login links and deploy tokens that are valid now; never what opens anything. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Put an end to a credential at once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exchange: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["IdentityBody"];
            };
        };
        responses: {
            /** @description Exchange the identity token of a GitHub workflow for a deploy token of a project. The identity token is the credential. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeployTokenAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_deployments: {
        parameters: {
            query?: {
                environment?: string;
                project?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is deployed, with the last and the next runs; of every project without `project`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentStatus"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_deployment: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One deployment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentStatus"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_parameters: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CheckBody"];
            };
        };
        responses: {
            /** @description What is wrong with the parameters of a run, the first 50 of it; starts nothing. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Misfit"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_code: {
        parameters: {
            query: {
                environment?: string;
                path?: string | null;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file of the code that its next run executes, its own without `path`, with the names of all files. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeFile"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_detail: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One deployment with its schedules, newest runs, next runs and the form of its parameters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentDetail"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pause: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PauseBody"];
            };
        };
        responses: {
            /** @description Pause a schedule, or without one the whole deployment: once this is answered, nothing of it starts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pause"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ResumeBody"];
            };
        };
        responses: {
            /** @description Let a schedule, or without one the deployment, go on as its catch-up policy says; `resumed` is false if it was not paused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trigger: {
        parameters: {
            query: {
                environment?: string;
                explain?: boolean;
                project: string;
            };
            header?: {
                /** @description repeating it repeats the answer and makes no second run */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TriggerBody"];
            };
        };
        responses: {
            /** @description Start a run. Parameters that do not fit the flow are refused, and no run is made. With `explain`, the answer's `wait_reason` says why it waits. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRun"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    drift: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What people changed on the server: pauses, parameters, variables, with author, reason and end, and what the repository says instead. Not `kept`: the next apply drops it, and `why`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>[];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query: {
                after?: number;
                environment?: string;
                limit?: number;
                prefix?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was told to have happened, in the order of its coming. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmittedEvent"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    emit: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EventBody"];
            };
        };
        responses: {
            /** @description Tell that something happened; `told` is false if the event's id was told before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_limits: {
        parameters: {
            query?: {
                environment?: string;
                project?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every limit with who holds it, how many wait, and when its rate lets the next one through. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitStatus"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: {
                after?: string | null;
            };
            header?: {
                /** @description the id of the last event seen */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `news` names topics that changed (`run:<id>`, `runs`, `deployments`, `workers`, `values`, `attention`; `run:*` for very many runs), `lost` says that anything may have changed, `here` that nothing did for a while, `again` asks to connect anew. An event's id, given back as Last-Event-ID or `after`, has what was missed told first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Make a one-time login link. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginLinkAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This API as an OpenAPI 3.1 document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_override: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OverrideBody"];
            };
        };
        responses: {
            /** @description Let a parameter of a deployment, or a declared variable, have another value than in the repository, from the next run on; until a time if one is given. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Override"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    drop_override: {
        parameters: {
            query: {
                environment?: string;
                key?: string | null;
                kind: "parameter" | "variable";
                name: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Let the repository's value hold again; `dropped` is false if it did. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pauses: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Schedules and deployments that people paused on the server. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pause"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PlanBody"];
            };
        };
        responses: {
            /** @description What applying the snapshot would change, with the runs that wait and the next runs; changes nothing. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pools: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pools with the deployments that use them and their workers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolStatus"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_production: {
        parameters: {
            query: {
                environment?: string;
                project: string;
                runs?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every deployment with its file, schedules, newest `runs` (at most 50), last success, and since which release it is declared as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeployedThing"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_production: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The same as a table for a spreadsheet. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_releases: {
        parameters: {
            query: {
                after?: number | null;
                environment?: string;
                limit?: number;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was applied, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Release"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_release: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A release and what it changed of the one before, field by field. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDetail"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    plan_rollback: {
        parameters: {
            query: {
                environment?: string;
                number?: number | null;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What going back to an earlier release would change; changes nothing. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    roll_back: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RollbackBody"];
            };
        };
        responses: {
            /** @description Make the server equal an earlier release, as a new one, all or nothing. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_runs: {
        parameters: {
            query?: {
                after?: string | null;
                deployment?: string | null;
                environment?: string | null;
                flow?: string | null;
                limit?: number;
                not_deployment?: string[];
                not_state?: components["schemas"]["RunState"][];
                not_tag?: string[];
                project?: string | null;
                since?: string | null;
                state?: components["schemas"]["RunState"][];
                tag?: string[];
                text?: string | null;
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of runs, newest first. Every given condition must hold; `state` and `tag` may be repeated. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunsAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_run: {
        parameters: {
            query?: {
                wait?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One run; with `wait`, held up to so many seconds until it is over. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRun"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_artifacts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the run made to be looked at. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CancelBody"];
            };
        };
        responses: {
            /** @description Cancel the run: at once when it waits, else as soon as its executor confirms that nothing is left. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRun"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run's transitions, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryEntry"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_inputs: {
        parameters: {
            query?: {
                after?: number;
                prefix?: string;
                wait?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the run was told, in order, held up to `wait` seconds until there is something. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunInput"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SendBody"];
            };
        };
        responses: {
            /** @description Tell a run something that is not over; `told` is false if it was told under that key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_logs: {
        parameters: {
            query?: {
                arrival?: boolean;
                attempt?: number | null;
                cursor?: string | null;
                limit?: number;
                wait?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Log lines after `cursor`, held up to `wait` seconds until there are some. The cursor is null once the run is over and everything was read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogsAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_question: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a paused run waits for, with the JSON Schema of the answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuestionAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnswerBody"];
            };
        };
        responses: {
            /** @description What is wrong with an answer to what a paused run asks, by the place in it; nothing goes on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Misfit"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnswerBody"];
            };
        };
        responses: {
            /** @description Let a paused run go on, with the input that its form asks for: in its process, or in a new attempt. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRun"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryBody"];
            };
        };
        responses: {
            /** @description Open a new attempt of a run that is over; with `from_failure`, completed steps are reused, but for those whose inputs other parameters, or whose code a newer commit, have changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRun"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tasks: {
        parameters: {
            query?: {
                after?: number | null;
                attempt?: number | null;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tasks and in-process subflows of an attempt, by number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskRun"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_views: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The views of the list of runs that everybody of the project sees, by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    save_view: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SavedViewBody"];
            };
        };
        responses: {
            /** @description Save a view for everybody: a name that no other has in any case, and the query of the list's address. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_view: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SavedViewChange"];
            };
        };
        responses: {
            /** @description Rename a saved view, or let it show something else; what is left out stays. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedView"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_view: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Delete a saved view. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: boolean;
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_secrets: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The names of secrets with the deployments that use them. Values are never on the server. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretStatus"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_snapshot: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is deployed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show: {
        parameters: {
            query?: {
                asked?: number | null;
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The repository that this server follows, and what came of its newest commit; `wait` holds the answer until `asked` is another. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report_source: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SourceBody"];
            };
        };
        responses: {
            /** @description The follower's report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["FollowerBody"];
            };
        };
        responses: {
            /** @description Be the one that follows, for a minute; `mine` is false while another is. Asked again and again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Let the follower look at the repository now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description A push, told by GitHub, Gitea, Forgejo or GitLab. The signature, or GitLab's token, is the credential; `asked` is false for a delivery that was told before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_values: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Variables (kind `variable`; those of the manifest among them), or blocks of a type (`block.<type>`). */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredValue"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                kind: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A variable or a block's fields that are no secrets; null if there is none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaybeValue"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                kind: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ValueBody"];
            };
        };
        responses: {
            /** @description Set a variable or a block. Names of the manifest are refused, and names that are set, unless `replace`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredValue"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path: {
                kind: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forget a variable or a block; `removed` is false if there was none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_home: {
        parameters: {
            query: {
                environment?: string;
                project: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What needs attention by cause, the last 24 hours by deployment and hour, what runs next. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Home"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_run_rows: {
        parameters: {
            query?: {
                after?: string | null;
                deployment?: string | null;
                environment?: string | null;
                flow?: string | null;
                limit?: number;
                not_deployment?: string[];
                not_state?: components["schemas"]["RunState"][];
                not_tag?: string[];
                project?: string | null;
                since?: string | null;
                state?: components["schemas"]["RunState"][];
                tag?: string[];
                text?: string | null;
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Runs as rows of a list, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowsOfRuns"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_overview: {
        parameters: {
            query?: {
                attempt?: number | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that the page of a run shows at once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOverview"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_artifact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attempt: string;
                id: string;
                seq: string;
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The data of one artifact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_changes: {
        parameters: {
            query?: {
                base?: string | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What changed in the code since another run, the newest earlier one of the deployment that completed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeChanges"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_rows: {
        parameters: {
            query: {
                attempt: number;
                first?: number;
                limit?: number;
                wait?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines of an attempt's log by row, held up to `wait` seconds until there are some. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowsAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search_rows: {
        parameters: {
            query: {
                attempt: number;
                first?: number;
                level?: number | null;
                limit?: number;
                lines?: boolean;
                task?: number | null;
                text?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rows of an attempt's whole log that match, a portion at a time: go on from `next`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogSearchAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_text: {
        parameters: {
            query: {
                attempt: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole log of an attempt as a text file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": unknown;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_rerun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What running the run again from its failure would reuse. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RerunPreview"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_bars: {
        parameters: {
            query: {
                after?: number;
                attempt: number;
                limit?: number;
                upstream?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tasks of an attempt in columns, by number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BarsAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act_on_runs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["BulkBody"];
            };
        };
        responses: {
            /** @description Cancel, retry or delete the next runs that match and for which it can be done, newest first. Ask again with `after` until `next` is null. Deleted is what is over, with all that it holds, for good; the last run and the last completed run of a deployment are kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkOutcome"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    count_runs: {
        parameters: {
            query?: {
                action?: ("cancel" | "delete" | "retry") | null;
                deployment?: string | null;
                environment?: string | null;
                flow?: string | null;
                not_deployment?: string[];
                not_state?: components["schemas"]["RunState"][];
                not_tag?: string[];
                project?: string | null;
                since?: string | null;
                state?: components["schemas"]["RunState"][];
                tag?: string[];
                text?: string | null;
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many runs match, by state, among the newest 10,000 that do; `complete` is false where there may be more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunCount"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code bundle with this SHA-256. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ClaimBody"];
            };
        };
        responses: {
            /** @description Take jobs; answers at once when there are some, else when the first comes or `wait` seconds are over. Repeating `key` repeats the answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClaimAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RegisterBody"];
            };
        };
        responses: {
            /** @description A worker says hello and names the attempts that have a spool there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkpoints: {
        parameters: {
            query: {
                attempt: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Completed steps of earlier attempts, one JSON object a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["HeartbeatBody"];
            };
        };
        responses: {
            /** @description Renew an attempt's lease; answers at once when there is a command, else after `wait` seconds. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Heartbeat"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    journal: {
        parameters: {
            query: {
                attempt: number;
                first: number;
                stream: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-ndjson": unknown;
            };
        };
        responses: {
            /** @description Store journal lines, raw, each ended by a newline. Lines that are stored already are acknowledged again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AckAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReportBody"];
            };
        };
        responses: {
            /** @description How an attempt ended, as its supervisor or worker saw it; ignored once the attempt is over. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acquire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SlotBody"];
            };
        };
        responses: {
            /** @description Take a slot of a named limit for a task of the run, waiting in line for up to `wait` seconds. Asking again with the same `holder` gives the same slot. It is let go by DELETE, or when the attempt ends. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlotAnswer"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    release: {
        parameters: {
            query: {
                attempt: number;
                holder: string;
                limit: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Give a task's slot back, or leave the line; `released` is false if it held none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_workers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workers and when they were last heard of. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"][];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the server answers; 503 and `ok` false while its database takes no writes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
